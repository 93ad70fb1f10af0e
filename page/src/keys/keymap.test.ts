import { describe, expect, test } from "vitest";
import { applyChanges, type Binding, conflict, keyLabel, keyName, lookUp, rebind, wasHeld } from "./keymap";

const DEFAULTS: Binding[] = [
  { id: "next", keys: ["N"] },
  { id: "play", keys: ["K", "Shift+K"] },
  { id: "color.1", keys: ["1"] },
  { id: "alternative.1", keys: ["1"], when: "doubt" },
];

test.each([[[1]], [{ play: 5 }], [{ play: null }], [{ other: ["X"] }]])(
  "impossible changes change nothing: %j",
  (changes) => {
    const arrayLike = [...DEFAULTS, { id: "keys", keys: ["?"] }]; // arrays have a method `keys`
    expect(applyChanges(arrayLike, changes as never)).toEqual(arrayLike);
  },
);

function press(key: string, more: Partial<KeyboardEvent> = {}) {
  return keyName({ key, code: "", ctrlKey: false, metaKey: false, shiftKey: false, ...more });
}

test.each([
  [press("n"), "N"],
  [press("N", { shiftKey: true }), "Shift+N"],
  [press("z", { ctrlKey: true }), "Mod+Z"],
  [press("z", { metaKey: true }), "Mod+Z"],
  [press("Z", { ctrlKey: true, shiftKey: true }), "Mod+Shift+Z"],
  [press("?", { shiftKey: true }), "?"],
  [press("ArrowLeft", { shiftKey: true }), "Shift+ArrowLeft"],
  [press(" "), "Space"],
  [press("Process", { code: "KeyN" }), "N"],
])("%s", (name, expected) => {
  expect(name).toBe(expected);
});

test.each([
  ["Mod+Shift+Z", false, "Ctrl+Shift+Z"],
  ["Mod+Z", true, "⌘+Z"],
  ["ArrowLeft", false, "←"],
  ["+", false, "+"],
])("%s is shown as on the keyboard", (key, mac, label) => {
  expect(keyLabel(key, mac)).toBe(label);
});

describe("lookUp", () => {
  test("a doubt in focus has its keys first", () => {
    expect(lookUp(DEFAULTS, "1", true)?.id).toBe("alternative.1");
    expect(lookUp(DEFAULTS, "1", false)?.id).toBe("color.1");
    expect(lookUp(DEFAULTS, "N", true)?.id).toBe("next");
    expect(lookUp(DEFAULTS, "Q", false)).toBeUndefined();
  });
});

describe("changing keys", () => {
  test("the same key may mean two things only in and out of a doubt", () => {
    expect(conflict(DEFAULTS, "next", "K")?.id).toBe("play");
    expect(conflict(DEFAULTS, "next", "N")).toBeUndefined();
    expect(conflict(DEFAULTS, "alternative.1", "K")).toBeUndefined();
  });

  test("one key takes the place of another", () => {
    const changes = rebind(DEFAULTS, {}, "play", "K", "Q");
    expect(applyChanges(DEFAULTS, changes)[1]!.keys).toEqual(["Shift+K", "Q"]);
  });

  test("whoever had the key loses it", () => {
    const bindings = applyChanges(DEFAULTS, rebind(DEFAULTS, {}, "next", "N", "K"));
    expect(bindings[0]!.keys).toEqual(["K"]);
    expect(bindings[1]!.keys).toEqual(["Shift+K"]);
  });
});

test("a key is held when it was down long or its tool was used", () => {
  expect(wasHeld(0, 100, false)).toBe(false);
  expect(wasHeld(0, 400, false)).toBe(true);
  expect(wasHeld(0, 100, true)).toBe(true);
});
