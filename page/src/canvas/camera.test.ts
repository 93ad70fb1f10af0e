import { describe, expect, test } from "vitest";
import type { Box } from "../api";
import { fit, frameBox, toCanvas, toPicture, zoomAt } from "./camera";

const PICTURE = { width: 2000, height: 1000 };
const CANVAS = { width: 800, height: 600 };

test("fit shows the whole picture in the middle", () => {
  const camera = fit(PICTURE, CANVAS);
  const [left, top] = toCanvas(camera, [0, 0]);
  const [right, bottom] = toCanvas(camera, [2000, 1000]);
  expect(left).toBeGreaterThan(0);
  expect(left + right).toBeCloseTo(CANVAS.width);
  expect(top + bottom).toBeCloseTo(CANVAS.height);
});

describe("zoomAt", () => {
  test("keeps the point under the pointer", () => {
    const before = fit(PICTURE, CANVAS);
    const after = zoomAt(before, [123, 456], 3);
    expect(toPicture(after, [123, 456])[0]).toBeCloseTo(toPicture(before, [123, 456])[0]);
    expect(toPicture(after, [123, 456])[1]).toBeCloseTo(toPicture(before, [123, 456])[1]);
  });

  test("has limits", () => {
    const camera = fit(PICTURE, CANVAS);
    expect(zoomAt(camera, [0, 0], 1e9).scale).toBe(40);
    expect(zoomAt(camera, [0, 0], 1e-9).scale).toBe(0.02);
  });
});

describe("frameBox", () => {
  test("puts a small box in the middle, with room around", () => {
    const box: Box = [500, 400, 540, 420];
    const camera = frameBox(box, PICTURE, CANVAS);
    const [x, y] = toCanvas(camera, [520, 410]);
    expect([x, y]).toEqual([expect.closeTo(400), expect.closeTo(300)]);
    expect(40 * camera.scale).toBeLessThan(CANVAS.width / 2);
  });

  test("never shows less than the whole of a large one", () => {
    expect(frameBox([0, 0, 2000, 1000], PICTURE, CANVAS)).toEqual(fit(PICTURE, CANVAS));
  });
});

test("a picture whose size is not known yet does not spoil the view", () => {
  const view = fit({ width: 0, height: 0 }, { width: 800, height: 600 });
  expect(Object.values(view).every(Number.isFinite)).toBe(true);
});
