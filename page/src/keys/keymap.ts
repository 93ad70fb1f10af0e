/** One thing that keys can do. */
export interface Binding {
  id: string;
  keys: string[];
  /** "doubt": only while a doubt is in focus, and then before all others. */
  when?: "doubt";
}

export type Changes = Record<string, string[]>;

type KeyEvent = Pick<
  KeyboardEvent,
  "key" | "code" | "ctrlKey" | "metaKey" | "shiftKey"
>;

/** The name of a pressed key, such as "N", "Shift+N", "Mod+Z" or "?". */
export function keyName(event: KeyEvent): string {
  const name = baseName(event);
  // Shift has already made "?" of "/": only where it changes no sign does it count as a key.
  const shift = event.shiftKey && (name.length > 1 || name.toUpperCase() !== name.toLowerCase());
  return `${event.ctrlKey || event.metaKey ? "Mod+" : ""}${shift ? "Shift+" : ""}${name}`;
}

function baseName({ key, code }: KeyEvent): string {
  if (key === " ") return "Space";
  // While a Japanese input method is on, the letter is hidden, but its place on the keyboard is not.
  if (key === "Process") return code.replace(/^(Key|Digit)/, "");
  return key.length === 1 ? key.toUpperCase() : key;
}

const SIGNS: Record<string, string> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
};

/** A key as the artist's keyboard has it. */
export function keyLabel(key: string, mac: boolean): string {
  const parts = key === "+" ? ["+"] : key.split("+");
  return parts
    .map((part) => (part === "Mod" ? (mac ? "⌘" : "Ctrl") : (SIGNS[part] ?? part)))
    .join("+");
}

/** The bindings as the artist has set them; what the browser kept may be garbled. */
export function applyChanges<T extends Binding>(defaults: T[], changes: Changes): T[] {
  return defaults.map((binding) => {
    const keys = Object.hasOwn(changes, binding.id) ? changes[binding.id] : undefined;
    return Array.isArray(keys) ? { ...binding, keys } : binding;
  });
}

/** What a key does now. */
export function lookUp<T extends Binding>(
  bindings: T[],
  key: string,
  inDoubt: boolean,
): T | undefined {
  const found = bindings.filter((binding) => binding.keys.includes(key));
  return (
    (inDoubt && found.find((binding) => binding.when === "doubt")) ||
    found.find((binding) => binding.when === undefined)
  );
}

/** The binding that already has a key where `id` would want it. */
export function conflict<T extends Binding>(bindings: T[], id: string, key: string): T | undefined {
  const when = bindings.find((binding) => binding.id === id)?.when;
  return bindings.find(
    (other) => other.id !== id && other.when === when && other.keys.includes(key),
  );
}

/** Give `id` the key `next` in place of `old`; whoever had it loses it. */
export function rebind<T extends Binding>(
  bindings: T[],
  changes: Changes,
  id: string,
  old: string | undefined,
  next: string,
): Changes {
  const loser = conflict(bindings, id, next);
  const keys = bindings.find((binding) => binding.id === id)?.keys ?? [];
  const kept = keys.filter((key) => key !== old && key !== next);
  return {
    ...changes,
    ...(loser && { [loser.id]: loser.keys.filter((key) => key !== next) }),
    [id]: [...kept, next],
  };
}

const TAP_MS = 250;

/** Whether a tool's key was held (the tool was lent) or tapped (the tool was changed). */
export function wasHeld(downAt: number, upAt: number, used: boolean): boolean {
  return used || upAt - downAt > TAP_MS;
}
