import type { Box, Point, Segment } from "../api";

/** Which segment each pixel belongs to; 0 is ink. */
export interface LabelMap {
  width: number;
  height: number;
  data: Uint16Array;
}

/** Read a label picture: red is the low byte, green the high one. */
export function decodeLabels(rgba: Uint8ClampedArray, width: number, height: number): LabelMap {
  const data = new Uint16Array(width * height);
  for (let i = 0, j = 0; i < data.length; i++, j += 4) data[i] = rgba[j]! | (rgba[j + 1]! << 8);
  return { width, height, data };
}

/** The segment at a point in the picture, 0 on ink or outside. */
export function labelAt(map: LabelMap, x: number, y: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  if (column < 0 || row < 0 || column >= map.width || row >= map.height) return 0;
  return map.data[row * map.width + column]!;
}

/** Call `visit` with the place within the box of every pixel of these labels. */
function eachPixel(
  map: LabelMap,
  labels: ReadonlySet<number>,
  [x0, y0, x1, y1]: Box,
  visit: (inBox: number) => void,
): void {
  for (let y = y0; y < y1; y++) {
    let inMap = y * map.width + x0;
    for (let inBox = (y - y0) * (x1 - x0); inMap < y * map.width + x1; inMap++, inBox++) {
      if (labels.has(map.data[inMap]!)) visit(inBox);
    }
  }
}

/** Paint the pixels of these labels in `pixels`, which hold the part of the picture in `box`. */
export function paintLabels(
  map: LabelMap,
  labels: ReadonlySet<number>,
  box: Box,
  rgba: number,
  pixels: Uint32Array,
): void {
  eachPixel(map, labels, box, (inBox) => (pixels[inBox] = rgba));
}

/** The borders of these labels: lines along the edges of pixels, as x0, y0, x1, y1 one after another. */
export function outlineLabels(map: LabelMap, labels: ReadonlySet<number>, box: Box): number[] {
  const [left, top, right, bottom] = box;
  // One clear pixel around, so that every border has two sides.
  const width = right - left + 2;
  const height = bottom - top + 2;
  const inside = new Uint8Array(width * height);
  eachPixel(map, labels, box, (i) => {
    const row = Math.floor(i / (width - 2));
    inside[(row + 1) * width + (i - row * (width - 2)) + 1] = 1;
  });
  const lines: number[] = [];
  for (let y = 1; y < height; y++) {
    eachRun(inside, y * width, 1, width, width, (from, to) =>
      lines.push(left + from - 1, top + y - 1, left + to - 1, top + y - 1),
    );
  }
  for (let x = 1; x < width; x++) {
    eachRun(inside, x, width, height, 1, (from, to) =>
      lines.push(left + x - 1, top + from - 1, left + x - 1, top + to - 1),
    );
  }
  return lines;
}

/** Call `visit` with the stretches of a row or column that differ from the one `back` before it. */
function eachRun(
  cells: Uint8Array,
  start: number,
  step: number,
  count: number,
  back: number,
  visit: (from: number, to: number) => void,
): void {
  let from = -1;
  // The last cell lies in the clear pixels around and ends every stretch.
  for (let place = 0, at = start; place < count; place++, at += step) {
    const differs = cells[at] !== cells[at - back];
    if (differs && from < 0) from = place;
    else if (!differs && from >= 0) {
      visit(from, place);
      from = -1;
    }
  }
}

/** Give every pixel the color that the table has for its label. */
export function colorLabels(map: LabelMap, table: Uint32Array): Uint32Array {
  const pixels = new Uint32Array(map.data.length);
  for (let i = 0; i < pixels.length; i++) pixels[i] = table[map.data[i]!]!;
  return pixels;
}

/** The smallest box around all of these. */
export function unionBox(boxes: Box[]): Box {
  return [
    Math.min(...boxes.map((box) => box[0])),
    Math.min(...boxes.map((box) => box[1])),
    Math.max(...boxes.map((box) => box[2])),
    Math.max(...boxes.map((box) => box[3])),
  ];
}

/** The segments of which at least half lies within a closed outline. */
export function segmentsInside(map: LabelMap, segments: Segment[], outline: Point[]): number[] {
  const counts = new Map<number, number>();
  const top = Math.max(0, Math.floor(Math.min(...outline.map((p) => p[1]))));
  const bottom = Math.min(map.height, Math.ceil(Math.max(...outline.map((p) => p[1]))));
  for (let y = top; y < bottom; y++) {
    const crossings = crossingsAt(outline, y + 0.5);
    for (let k = 0; k + 1 < crossings.length; k += 2) {
      const from = Math.max(0, Math.ceil(crossings[k]! - 0.5));
      const to = Math.min(map.width, Math.ceil(crossings[k + 1]! - 0.5));
      for (let x = from; x < to; x++) {
        const label = map.data[y * map.width + x]!;
        if (label) counts.set(label, (counts.get(label) ?? 0) + 1);
      }
    }
  }
  return segments
    .filter(({ label, area }) => 2 * (counts.get(label) ?? 0) >= Math.max(1, area))
    .map(({ label }) => label);
}

/** Where an outline crosses a row, from left to right. */
function crossingsAt(outline: Point[], y: number): number[] {
  const found: number[] = [];
  outline.forEach(([x0, y0], i) => {
    const [x1, y1] = outline[(i + 1) % outline.length]!;
    if (y0 <= y !== y1 <= y) found.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0));
  });
  return found.sort((a, b) => a - b);
}
