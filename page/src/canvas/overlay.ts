import { computed } from "@preact/signals";
import type { Box } from "../api";
import { type CelPictures, canvasOfPixels, picturesOf } from "../cels/pictures";
import { pack } from "../cels/colors";
import { outlineLabels, paintLabels, unionBox } from "../cels/labels";
import { focusedDoubt } from "../doubts/walk";
import { playing } from "../playback/player";
import {
  activeTool,
  chosenLine,
  currentCel,
  hover,
  selection,
  sentStrokes,
  strokeWidth,
  trace,
  type Trace,
} from "../state";
import { camera, type Camera, toCanvas, viewport } from "./camera";
import { clear } from "./loop";
import { pointer } from "./pointer";

/** Segments lit up over the picture. */
interface Mask {
  fill: OffscreenCanvas;
  outline: Path2D | null;
  box: Box;
}

const LIT = pack(255, 255, 255, 70);
const SELECTED = pack(255, 140, 0, 90);
const FRAME = "#ff8c00";
const AROUND = "rgb(0 0 0 / 60%)";

/** What lies over the picture of the large canvas. */
export const overlayScene = computed(() => {
  const pictures = playing.value ? undefined : picturesOf(currentCel.value);
  const here = (spot: { cel: number } | null) => spot?.cel === currentCel.value;
  const doubt = focusedDoubt.value;
  const line = chosenLine.value;
  const selected = selection.value.filter(here).map(({ label }) => label);
  const brush = activeTool.value === "pen" || activeTool.value === "erase";
  return {
    camera: camera.value,
    canvas: viewport.value,
    hovered: pictures && here(hover.value) ? maskOf(pictures, [hover.value!.label]) : null,
    selected: pictures && selected.length ? maskOf(pictures, selected, SELECTED) : null,
    framed:
      (here(line) && line!.shape === pictures?.cel.shape && line!.box) ||
      (here(doubt) && pictures?.segments.get(doubt!.label)?.box) ||
      null,
    traces: [
      ...sentStrokes.value.filter((s) => here(s) && s.shape === pictures?.cel.shape),
      ...(trace.value ? [trace.value] : []),
    ],
    brush: brush && pointer.value ? { at: pointer.value, width: strokeWidth.value } : null,
  };
});

const masks = new WeakMap<CelPictures, Map<string, Mask>>();
const MOST_MASKS = 8;
/** Longer outlines (the paper around a crowd) take too long to draw in every frame. */
const MOST_LINES = 4000;

/** Some segments of a cel, ready to be lit up. */
export function maskOf(pictures: CelPictures, labels: number[], tint = LIT): Mask | null {
  const ready = masks.get(pictures) ?? new Map<string, Mask>();
  masks.set(pictures, ready);
  const key = `${tint}/${labels.join()}`;
  const found = ready.get(key);
  if (found) return found;
  const boxes = labels.flatMap((label) => {
    const segment = pictures.segments.get(label);
    return segment ? [segment.box] : [];
  });
  if (boxes.length === 0) return null;
  const box = unionBox(boxes);
  const chosen = new Set(labels);
  const lines = outlineLabels(pictures.labels, chosen, box);
  const plain = lines.length > 4 * MOST_LINES;
  const pixels = new Uint32Array((box[2] - box[0]) * (box[3] - box[1]));
  paintLabels(pictures.labels, chosen, box, plain ? SELECTED : tint, pixels);
  const mask = {
    fill: canvasOfPixels(pixels, box[2] - box[0]),
    outline: plain ? null : pathOf(lines),
    box,
  };
  if (ready.size >= MOST_MASKS) ready.clear();
  ready.set(key, mask);
  return mask;
}

function pathOf(lines: number[]): Path2D {
  const path = new Path2D();
  for (let i = 0; i < lines.length; i += 4) {
    path.moveTo(lines[i]!, lines[i + 1]!);
    path.lineTo(lines[i + 2]!, lines[i + 3]!);
  }
  return path;
}

/** Draw what lies over the picture. */
export function drawOverlay(
  pen: CanvasRenderingContext2D,
  scene: typeof overlayScene.value,
): void {
  clear(pen, scene.canvas);
  for (const mask of [scene.selected, scene.hovered]) if (mask) drawMask(pen, scene.camera, mask);
  if (scene.framed) drawFrame(pen, scene.camera, scene.framed);
  for (const drawn of scene.traces) drawTrace(pen, scene.camera, drawn);
  if (scene.brush) {
    const { at, width } = scene.brush;
    const circle = new Path2D();
    circle.arc(at[0], at[1], Math.max(2, (width / 2) * scene.camera.scale), 0, 2 * Math.PI);
    outline(pen, circle);
  }
}

/** Light segments up where they lie; the outline is as wide at any zoom. */
export function drawMask(pen: CanvasRenderingContext2D, view: Camera, mask: Mask): void {
  const { scale, x, y } = view;
  pen.save();
  pen.transform(scale, 0, 0, scale, x, y);
  pen.imageSmoothingEnabled = scale < 1;
  pen.drawImage(mask.fill, mask.box[0], mask.box[1]);
  pen.lineCap = "square";
  if (mask.outline) outline(pen, mask.outline, 1 / scale);
  pen.restore();
}

const GAP = 8;
const CORNER = 14;

/** Draw the four corners of a frame around a box: they hide none of it. */
export function drawFrame(pen: CanvasRenderingContext2D, view: Camera, box: Box): void {
  const [left, top] = toCanvas(view, [box[0], box[1]]);
  const [right, bottom] = toCanvas(view, [box[2], box[3]]);
  const corners = new Path2D();
  for (const [x, dx] of [[left - GAP, 1], [right + GAP, -1]] as const) {
    for (const [y, dy] of [[top - GAP, 1], [bottom + GAP, -1]] as const) {
      corners.moveTo(x + dx * CORNER, y);
      corners.lineTo(x, y);
      corners.lineTo(x, y + dy * CORNER);
    }
  }
  outline(pen, corners);
}

function stroke(pen: CanvasRenderingContext2D, color: string, width: number, path: Path2D): void {
  pen.strokeStyle = color;
  pen.lineWidth = width;
  pen.stroke(path);
}

/** Stroke a path in two colors, so that it shows on any color. */
function outline(pen: CanvasRenderingContext2D, path: Path2D, unit = 1): void {
  stroke(pen, AROUND, 3 * unit, path);
  stroke(pen, FRAME, 1.25 * unit, path);
}

function drawTrace(pen: CanvasRenderingContext2D, view: Camera, { kind, points, width, color }: Trace): void {
  if (points.length === 0) return;
  const shown = kind === "join" ? [points[0]!, points.at(-1)!] : points;
  pen.lineCap = "round";
  pen.lineJoin = "round";
  const path = new Path2D();
  for (const point of shown) path.lineTo(...toCanvas(view, point));
  if (kind === "pen" || kind === "erase") {
    const ink = kind === "pen" ? (color ?? "#000000") : "rgb(255 255 255 / 85%)";
    return stroke(pen, ink, Math.max(1, width * view.scale), path);
  }
  if (kind === "lasso") {
    path.closePath();
    pen.fillStyle = "rgb(255 140 0 / 15%)";
    pen.fill(path);
  }
  outline(pen, path);
}
