import { expect, test } from "vitest";
import { distinct, heat, idColor, pack, rgbaOf } from "./colors";

test("palette colors become pixels", () => {
  expect(rgbaOf("#ff8000")).toBe(pack(255, 128, 0));
  expect(rgbaOf("#ff800040")).toBe(pack(255, 128, 0, 64));
  expect(rgbaOf("none")).toBe(0);
});

test("the first hundred distinct colors differ", () => {
  const colors = Array.from({ length: 100 }, (_, i) => distinct(i));
  expect(new Set(colors).size).toBe(100);
});

test("the heat goes from red to blue, and locked is neither", () => {
  const red = (pixel: number) => pixel & 255;
  const sure = heat({ confidence: 1, locked: false });
  const unsure = heat({ confidence: 0, locked: false });
  expect(red(unsure)).toBeGreaterThan(red(sure));
  expect(heat({ confidence: 0, locked: true })).toBe(heat({ confidence: 1, locked: true }));
  expect(heat({ confidence: 7, locked: false })).toBe(sure);
});

test("bare paper is clear and an unknown color loud", () => {
  expect(idColor(0)).toBe(0);
  expect(idColor(-1)).toBe(pack(255, 0, 255));
});
