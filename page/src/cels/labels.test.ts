import { describe, expect, test } from "vitest";
import type { Point, Segment } from "../api";
import { pack } from "./colors";
import {
  colorLabels,
  decodeLabels,
  labelAt,
  type LabelMap,
  outlineLabels,
  paintLabels,
  segmentsInside,
  unionBox,
} from "./labels";

/** Two fields of 3×4 with a line of ink between them. */
function twoFields(): LabelMap {
  const rows = Array.from({ length: 4 }, () => [1, 1, 1, 0, 2, 2, 2]).flat();
  return { width: 7, height: 4, data: Uint16Array.from(rows) };
}

function segment(label: number, area: number): Segment {
  return {
    label,
    area,
    box: [0, 0, 7, 4],
    at: [0, 0],
    color: 1,
    confidence: 1,
    locked: false,
    alternatives: [],
  };
}

const SEGMENTS = [segment(1, 12), segment(2, 12)];

test("labels above 255 use the green channel", () => {
  const map = decodeLabels(Uint8ClampedArray.from([44, 1, 0, 255, 7, 0, 0, 255]), 2, 1);
  expect([...map.data]).toEqual([300, 7]);
});

describe("labelAt", () => {
  test.each([
    [0.9, 0.9, 1],
    [3.5, 1, 0],
    [6.99, 3.99, 2],
    [-0.1, 1, 0],
    [7, 1, 0],
    [1, 4, 0],
  ])("at %d, %d is %d", (x, y, label) => {
    expect(labelAt(twoFields(), x, y)).toBe(label);
  });
});

describe("paintLabels", () => {
  test("paints the segment and nothing else", () => {
    const pixels = new Uint32Array(28).fill(9);
    paintLabels(twoFields(), new Set([2]), [0, 0, 7, 4], pack(16, 32, 48), pixels);
    expect([...pixels.slice(0, 7)]).toEqual([9, 9, 9, 9, ...Array(3).fill(pack(16, 32, 48))]);
  });

  test("knows that the pixels are those of the box", () => {
    const pixels = new Uint32Array(4);
    paintLabels(twoFields(), new Set([1]), [2, 1, 4, 3], 0xffffffff, pixels);
    expect([...pixels]).toEqual([0xffffffff, 0, 0xffffffff, 0]);
  });
});

describe("outlineLabels", () => {
  test("goes along the edges of the pixels, in long lines", () => {
    const lines = outlineLabels(twoFields(), new Set([2]), [4, 0, 7, 4]);
    const sides = [0, 1, 2, 3].map((i) => lines.slice(4 * i, 4 * i + 4));
    expect(sides).toEqual([
      [4, 0, 7, 0],
      [4, 4, 7, 4],
      [4, 0, 4, 4],
      [7, 0, 7, 4],
    ]);
  });

  test("passes between two chosen segments that touch not", () => {
    const lines = outlineLabels(twoFields(), new Set([1, 2]), [0, 0, 7, 4]);
    expect(lines).toHaveLength(4 * 8);
  });
});

test("colorLabels looks every label up", () => {
  const pixels = colorLabels(twoFields(), Uint32Array.from([10, 11, 12]));
  expect([...pixels.slice(0, 7)]).toEqual([11, 11, 11, 10, 12, 12, 12]);
});

test("unionBox spans all boxes", () => {
  expect(unionBox([[2, 3, 4, 5], [0, 4, 3, 9]])).toEqual([0, 3, 4, 9]);
});

describe("segmentsInside", () => {
  const box = (x0: number, y0: number, x1: number, y1: number): Point[] => [
    [x0, y0],
    [x1, y0],
    [x1, y1],
    [x0, y1],
  ];

  test("takes what lies within", () => {
    expect(segmentsInside(twoFields(), SEGMENTS, box(-1, -1, 3.5, 5))).toEqual([1]);
    expect(segmentsInside(twoFields(), SEGMENTS, box(-1, -1, 9, 9))).toEqual([1, 2]);
  });

  test("half is enough, less is not", () => {
    expect(segmentsInside(twoFields(), SEGMENTS, box(0, 0, 3, 2))).toEqual([1]);
    expect(segmentsInside(twoFields(), SEGMENTS, box(0, 0, 3, 1.4))).toEqual([]);
  });

  test("the outline may wind either way and be bent", () => {
    const bent: Point[] = [[0, 0], [7, 0], [7, 4], [3.5, 4], [3.5, 1], [0, 1]];
    expect(segmentsInside(twoFields(), SEGMENTS, bent)).toEqual([2]);
    expect(segmentsInside(twoFields(), SEGMENTS, bent.toReversed())).toEqual([2]);
  });

  test("a line encloses nothing", () => {
    expect(segmentsInside(twoFields(), SEGMENTS, [[0, 0], [6, 3]])).toEqual([]);
  });
});
