import { expect, test } from "vitest";
import { type Language, language, LANGUAGES, named, t, type Word, WORDS } from "./words";

const ALL = Object.entries(WORDS) as [Word, readonly string[]][];

test.each(ALL)("%s is there in every language, with the same values", (_, texts) => {
  expect(texts).toHaveLength(LANGUAGES.length);
  const values = texts.map((text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort());
  for (const text of texts) expect(text.trim()).not.toBe("");
  for (const value of values) expect(value).toEqual(values[0]);
});

test.each([
  ["en", "3 left"],
  ["ja", "残り 3"],
] satisfies [Language, string][])("values are filled in: %s", (chosen, text) => {
  language.value = chosen;
  expect(t("left", { left: 3 })).toBe(text);
});

test("a word put together falls back to its name", () => {
  language.value = "en";
  expect(named("did", "paint")).toBe("paint");
  expect(named("did", "something_new")).toBe("something_new");
});
