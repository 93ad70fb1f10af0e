import { expect, test } from "vitest";
import { frameAt, framesOf, neighbor, previewSize } from "./order";

const CELS = [
  { index: 0, column: "A", hold: 2 },
  { index: 1, column: "A", hold: 3 },
  { index: 2, column: "B", hold: 1 },
  { index: 3, column: "A", hold: 0 },
];

test("every cel is shown as many frames as it is held, at least one", () => {
  expect(framesOf(CELS, "A", [])).toEqual([0, 0, 1, 1, 1, 3]);
  expect(framesOf(CELS, "B", [])).toEqual([2]);
});

test("a timesheet says what is seen: cels again, in any order, or nothing", () => {
  const shown = [
    { cel: 1, frames: 2 },
    { cel: null, frames: 1 },
    { cel: 0, frames: 1 },
    { cel: 1, frames: 1 },
  ];
  expect(framesOf(CELS, "A", [{ column: "A", shown }])).toEqual([1, 1, null, 0, 1]);
  expect(framesOf(CELS, "B", [{ column: "A", shown }])).toEqual([2]);
});

test.each([
  [0, 24, 0],
  [41, 24, 0],
  [42, 24, 1],
  [124, 8, 0],
  [126, 8, 1],
  [1000, 24, 4],
])("after %d ms at %d fps comes frame %d of 5", (elapsed, fps, frame) => {
  expect(frameAt(elapsed, fps, 5)).toBe(frame);
});

test("neighbors are of the same column and go around", () => {
  expect(neighbor(CELS, 1, 1)?.index).toBe(3);
  expect(neighbor(CELS, 3, 1)?.index).toBe(0);
  expect(neighbor(CELS, 0, -1)?.index).toBe(3);
  expect(neighbor(CELS, 2, 1)?.index).toBe(2);
  expect(neighbor([], 0, 1)).toBeUndefined();
});

test("previews are large for short cuts and fit the memory for long ones", () => {
  expect(previewSize(30)).toBe(960);
  expect(previewSize(500) ** 2 * 500).toBeLessThanOrEqual(48e6);
});
