import { signal } from "@preact/signals";
import { getLine, type Point, type Stroke, type StrokeKind } from "../api";
import { complain, paletteVersion, send } from "../actions";
import { labelAt, segmentsInside } from "../cels/labels";
import { picturesOf } from "../cels/pictures";
import { stopPlayback, playing } from "../playback/player";
import {
  activeTool,
  clickedLine,
  color,
  colorOf,
  currentCel,
  hover,
  lastClicked,
  penInColor,
  selection,
  sentStrokes,
  type Spot,
  strokeWidth,
  tell,
  trace,
  type Trace,
} from "../state";
import { paintSpot, pickColor } from "../targets";
import { t } from "../words";
import { camera, moveTo, toPicture, zoomAt } from "./camera";

/** Where the pointer is in the canvas. */
export const pointer = signal<Point | null>(null);
/** Whether the view is being moved. */
export const panning = signal(false);
/** Whether a tool was used since its key went down: then the key was held, not tapped. */
export const toolUse = { count: 0 };

const CLOSE_WIDTH = 1;
const TAP_PIXELS = 4;
const WHEEL = { line: 16, speed: 0.0016, pinch: 0.01 };

function spotAt(at: Point): Spot | null {
  const pictures = picturesOf(currentCel.value);
  if (!pictures || playing.value) return null;
  const label = labelAt(pictures.labels, ...toPicture(camera.value, at));
  return label ? { cel: currentCel.value, shape: pictures.cel.shape, label } : null;
}

/** The button went down on the canvas. */
export function pointerDown(event: PointerEvent, at: Point): void {
  if (playing.value) stopPlayback();
  const tool = activeTool.value;
  toolUse.count++;
  if (event.button === 1 || (event.button === 0 && tool === "hand")) {
    panning.value = true;
  } else if (event.button !== 0) {
    return;
  } else if (tool === "pick" || (tool === "paint" && event.altKey)) {
    const spot = spotAt(at);
    if (spot) pickColor(spot);
  } else if (tool === "paint") {
    const spot = spotAt(at);
    if (!spot) return void chooseLine(at);
    clickedLine.value = null;
    lastClicked.value = spot;
    paintSpot(spot);
  } else if (tool !== "hand") {
    const width = tool === "pen" || tool === "erase" ? strokeWidth.value : CLOSE_WIDTH;
    trace.value = { kind: tool, width, points: [toPicture(camera.value, at)], color: inkOf(tool) };
  }
}

/** The color that the pen draws in; nothing for black. */
function inkOf(tool: string): string | undefined {
  return tool === "pen" && penInColor.value && color.value > 0 ? colorOf(color.value) : undefined;
}

/** Choose the coloured line at a place, if there is one. */
async function chooseLine(at: Point): Promise<void> {
  const cel = currentCel.value;
  const pictures = picturesOf(cel);
  if (!pictures) return;
  const [x, y] = toPicture(camera.value, at).map(Math.floor) as Point;
  const { shape, drawing, width, height } = pictures.cel;
  if (x < 0 || y < 0 || x >= width || y >= height) return tell(t("onInk"));
  try {
    const line = await getLine(cel, shape, [x, y]);
    if (!line) return tell(t("onInk"));
    if (cel !== currentCel.value) return;
    selection.value = [];
    lastClicked.value = null;
    clickedLine.value = { ...line, cel, shape, drawing };
  } catch (error) {
    complain(error);
  }
}

/** The pointer moved over the canvas. */
export function pointerMove(event: PointerEvent, at: Point): void {
  const before = pointer.value;
  pointer.value = at;
  if (panning.value && before) {
    const { scale, x, y } = camera.value;
    moveTo({ scale, x: x + at[0] - before[0], y: y + at[1] - before[1] });
  } else if (trace.value) {
    trace.value = {
      ...trace.value,
      points: [...trace.value.points, toPicture(camera.value, at)],
    };
  } else {
    pointAt(spotAt(at));
    if (activeTool.value === "pick" && event.buttons === 1 && hover.value) pickColor(hover.value);
  }
}

function pointAt(spot: Spot | null): void {
  const now = hover.value;
  const same = spot?.label === now?.label && spot?.cel === now?.cel && spot?.shape === now?.shape;
  if (!same) hover.value = spot;
}

/** The button was let go. */
export function pointerUp(event: PointerEvent): void {
  panning.value = false;
  const drawn = trace.value;
  trace.value = null;
  if (!drawn) return;
  if (drawn.kind === "lasso") select(drawn.points, event.shiftKey);
  else sendStroke(drawn, drawn.kind);
}

/** The pointer left the canvas. */
export function pointerLeave(): void {
  pointer.value = null;
  hover.value = null;
}

/** Zoom at the pointer; trackpads pinch with Ctrl and smaller steps. */
export function wheel(event: WheelEvent, at: Point): void {
  const distance = event.deltaY * (event.deltaMode === 1 ? WHEEL.line : 1);
  const speed = event.ctrlKey ? WHEEL.pinch : WHEEL.speed;
  moveTo(zoomAt(camera.value, at, Math.exp(-distance * speed)));
}

function select(outline: Point[], add: boolean): void {
  const pictures = picturesOf(currentCel.value);
  if (!pictures) return;
  const [x, y] = outline[0]!;
  const reach = TAP_PIXELS / camera.value.scale;
  const tapped = outline.every((p) => Math.hypot(p[0] - x, p[1] - y) < reach);
  const labels = tapped
    ? [labelAt(pictures.labels, x, y)].filter(Boolean)
    : segmentsInside(pictures.labels, pictures.cel.segments, outline);
  const before = add ? selection.value.filter((spot) => !labels.includes(spot.label)) : [];
  const { shape } = pictures.cel;
  selection.value = [...before, ...labels.map((label) => ({ cel: currentCel.value, shape, label }))];
  lastClicked.value = selection.value.at(-1) ?? null;
  clickedLine.value = null;
}

async function sendStroke(drawn: Trace, kind: StrokeKind): Promise<void> {
  const cel = currentCel.value;
  const pictures = picturesOf(cel);
  if (!pictures) return;
  const ends = [drawn.points[0]!, drawn.points.at(-1)!];
  if (kind === "join") {
    const [from, to] = ends.map(([x, y]) => labelAt(pictures.labels, x, y));
    if (!from || !to || from === to) return tell(t("joinTwo"));
  }
  // The server counts in whole pixels.
  const pixels = (kind === "join" ? ends : drawn.points).map(
    ([x, y]): Point => [Math.floor(x), Math.floor(y)],
  );
  const points = pixels.filter(
    (p, i) => i === 0 || p[0] !== pixels[i - 1]![0] || p[1] !== pixels[i - 1]![1],
  );
  const { shape, drawing } = pictures.cel;
  const shown = { ...drawn, cel, shape };
  sentStrokes.value = [...sentStrokes.value.filter((s) => s.cel !== cel || s.shape === shape), shown];
  const stroke: Stroke = { kind, width: drawn.width, points };
  if (drawn.color) stroke.color = color.value;
  const taken = await send({
    kind: "edit",
    cel,
    drawing,
    stroke,
    palette_version: paletteVersion(),
  });
  if (!taken) sentStrokes.value = sentStrokes.value.filter((stroke) => stroke !== shown);
}
