import { describe, expect, test } from "vitest";
import type { Cel, Segment } from "../api";
import { byConfidence, type Doubt, doubtsIn, mergeDoubts, stepDoubt } from "./order";

function doubt(cel: number, label: number, confidence: number, shape = 0): Doubt {
  return { cel, label, shape, confidence };
}

function cel(...segments: Partial<Segment>[]): Cel {
  const whole = segments.map((segment, i) => ({
    label: i + 1,
    box: [0, 0, 1, 1] as [number, number, number, number],
    area: 1,
    at: [0, 0] as [number, number],
    color: 1,
    confidence: 1,
    locked: false,
    alternatives: [],
    ...segment,
  }));
  return { index: 4, drawing: "", shape: 2, paint: 1, width: 1, height: 1, segments: whole };
}

test("doubtful is what is not locked and not sure, or has no color", () => {
  const found = doubtsIn(
    cel(
      { confidence: 0.3 },
      { confidence: 0.5 },
      { confidence: 0.2, locked: true },
      { confidence: 0.9, color: -1 },
    ),
    0.5,
  );
  expect(found).toEqual([doubt(4, 1, 0.3, 2), doubt(4, 4, -1, 2)]);
});

test("least sure first over the whole cut", () => {
  const sorted = byConfidence([doubt(0, 1, 0.4), doubt(2, 1, 0.1), doubt(1, 9, 0.1)]);
  expect(sorted.map(({ cel }) => cel)).toEqual([1, 2, 0]);
});

describe("mergeDoubts", () => {
  test("what is still doubtful keeps its place though its confidence changed", () => {
    const merged = mergeDoubts(
      [doubt(0, 1, 0.1), doubt(0, 2, 0.2)],
      [doubt(0, 2, 0.05), doubt(0, 1, 0.3)],
    );
    expect(merged).toEqual([doubt(0, 1, 0.3), doubt(0, 2, 0.05)]);
  });

  test("the decided goes, the new comes at the end in order", () => {
    const merged = mergeDoubts(
      [doubt(0, 1, 0.1), doubt(0, 2, 0.2)],
      [doubt(0, 2, 0.2), doubt(1, 1, 0.15), doubt(1, 2, 0.01)],
    );
    expect(merged.map(({ cel, label }) => `${cel}/${label}`)).toEqual(["0/2", "1/2", "1/1"]);
  });

  test("after an edit of the lines a label means another segment", () => {
    const merged = mergeDoubts([doubt(0, 1, 0.3, 1)], [doubt(0, 2, 0.1, 2), doubt(0, 1, 0.2, 2)]);
    expect(merged.map(({ label }) => label)).toEqual([2, 1]);
  });
});

describe("stepDoubt", () => {
  const list = [doubt(0, 1, 0.1), doubt(0, 2, 0.2), doubt(1, 1, 0.3)];

  test("begins at the least sure, or from the end", () => {
    expect(stepDoubt(list, null, 1)).toBe(list[0]);
    expect(stepDoubt(list, null, -1)).toBe(list[2]);
  });

  test("goes around the ends", () => {
    expect(stepDoubt(list, list[2]!, 1)).toBe(list[0]);
    expect(stepDoubt(list, list[0]!, -1)).toBe(list[2]);
  });

  test("there may be none", () => {
    expect(stepDoubt([], null, 1)).toBeNull();
  });
});
