import { effect, signal } from "@preact/signals";
import {
  ApiError,
  beginVisit,
  type Box,
  type Cel,
  type Segment,
  getShown,
  labelsPath,
  linePath,
  paintedPath,
} from "../api";
import {
  cels,
  colorOf,
  hover,
  lastClicked,
  pending,
  project,
  selection,
  type View,
} from "../state";
import { distinct, heat, idColor, rgbaOf } from "./colors";
import { colorLabels, decodeLabels, type LabelMap, paintLabels, unionBox } from "./labels";
import { playbackFrames, thumbnails } from "./previews";
import { doubtSegments, forgetSegments, freshSegments, isFresh } from "./segments";

/** All that the canvas needs of one cel, decoded. */
export interface CelPictures {
  cel: Cel;
  segments: Map<number, Segment>;
  labels: LabelMap;
  line: ImageBitmap;
  painted: OffscreenCanvas;
  /** The other views, made when first asked for. */
  views: Map<View, OffscreenCanvas>;
}

/** Grows whenever a cel's pictures have changed. */
export const pictureChanges = signal(0);

const MOST_PIXELS = 32e6;
const LEAST_CELS = 6;
const kept = new Map<number, CelPictures>();
const underway = new Map<number, Promise<CelPictures>>();
/** How often a cel was changed here: tells whether an answer was asked for before the last click. */
const touches = new Map<number, number>();

/** The pictures of a cel if they are at hand, perhaps a little old. */
export function picturesOf(index: number): CelPictures | undefined {
  pictureChanges.value;
  return kept.get(index);
}

/** Fetch the pictures of a cel, or what has changed of them. */
export function loadPictures(index: number): Promise<CelPictures> {
  const old = kept.get(index);
  if (old && isFresh(index, old.cel)) {
    kept.delete(index);
    kept.set(index, old);
    return Promise.resolve(old);
  }
  const running = underway.get(index);
  if (running) return running;
  const version = project.value?.version;
  const loading = fetchPictures(index, old)
    .catch((error: unknown) => fetchAgain(index, error))
    .finally(() => underway.delete(index))
    // What came in while this was on its way may have made it old already.
    .then((got) =>
      isFresh(index, got.cel) || project.value?.version === version ? got : loadPictures(index),
    );
  underway.set(index, loading);
  return loading;
}

/** The cel has failed: it is not shown any more. Or it is being saved: it is asked for once more. */
function fetchAgain(index: number, error: unknown): Promise<CelPictures> {
  if (error instanceof ApiError && kept.delete(index)) pictureChanges.value++;
  if (!(error instanceof ApiError) || error.status !== 409) throw error;
  doubtSegments(index);
  return fetchPictures(index);
}

async function fetchPictures(index: number, old?: CelPictures): Promise<CelPictures> {
  const touched = touches.get(index);
  const early = pending.value > 0;
  const cel = await freshSegments(index);
  const sameShape = old && old.cel.shape === cel.shape ? old : undefined;
  const [labels, line, painted] = await Promise.all([
    sameShape ? { picture: sameShape.labels, shape: cel.shape } : fetchLabels(index, cel.shape),
    sameShape ? { picture: sameShape.line, shape: cel.shape } : getShown(linePath(index, cel.shape)),
    getShown(paintedPath(index, cel.paint)),
  ]);
  // Lines or segments were changed meanwhile: what is shown must be of one moment.
  if ([labels, line, painted].some(({ shape }) => shape !== cel.shape)) {
    painted.picture.close();
    doubtSegments(index);
    return fetchPictures(index, old);
  }
  // A change that was under way or made meanwhile is newer than this answer: ask again after it.
  if (old && (early || pending.value > 0 || touches.get(index) !== touched)) {
    painted.picture.close();
    doubtSegments(index);
    await nothingPending();
    return fetchPictures(index, kept.get(index));
  }
  const fresh: CelPictures = {
    cel,
    segments: new Map(cel.segments.map((segment) => [segment.label, segment])),
    labels: labels.picture,
    line: line.picture,
    painted: withoutPaper(painted.picture, labels.picture, cel),
    views: new Map(),
  };
  painted.picture.close();
  kept.delete(index);
  kept.set(index, fresh);
  if (old && !sameShape) letGo(index);
  makeRoom();
  pictureChanges.value++;
  return fresh;
}

/** Point at no segments of a cel any more: their labels mean others now. */
function letGo(index: number): void {
  selection.value = selection.peek().filter(({ cel }) => cel !== index);
  for (const spot of [lastClicked, hover]) if (spot.peek()?.cel === index) spot.value = null;
}

/** Resolves when the server has answered all changes that were sent to it. */
function nothingPending(): Promise<void> {
  return new Promise((resolve) => {
    const stop = effect(() => {
      if (pending.value > 0) return;
      resolve();
      queueMicrotask(() => stop());
    });
  });
}

/** Files have white paper; here it is clear, so that the canvas shows the paper that is chosen. */
function withoutPaper(painted: ImageBitmap, labels: LabelMap, cel: Cel): OffscreenCanvas {
  const canvas = canvasOf(painted);
  const bare = cel.segments.filter(({ color }) => color <= 0);
  if (bare.length === 0) return canvas;
  const changed = new Set(bare.map(({ label }) => label));
  fillLabels(canvas, labels, changed, unionBox(bare.map(({ box }) => box)), 0);
  return canvas;
}

/** Give the pixels of some labels a color. */
function fillLabels(
  canvas: OffscreenCanvas,
  labels: LabelMap,
  changed: ReadonlySet<number>,
  box: Box,
  rgba: number,
): void {
  const [x, y, right, bottom] = box;
  const part = context(canvas).getImageData(x, y, right - x, bottom - y);
  paintLabels(labels, changed, box, rgba, new Uint32Array(part.data.buffer));
  context(canvas).putImageData(part, x, y);
}

async function fetchLabels(index: number, version: number) {
  const { picture, shape } = await getShown(labelsPath(index, version));
  const { width, height } = picture;
  const pixels = context(canvasOf(picture)).getImageData(0, 0, width, height);
  picture.close();
  return { picture: decodeLabels(pixels.data, width, height), shape };
}

function makeRoom(): void {
  let pixels = 0;
  const newestFirst = [...kept.entries()].reverse();
  newestFirst.forEach(([index, { cel }], place) => {
    pixels += cel.width * cel.height;
    if (pixels > MOST_PIXELS && place >= LEAST_CELS) kept.delete(index);
  });
}

function canvasOf(picture: ImageBitmap): OffscreenCanvas {
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  context(canvas).drawImage(picture, 0, 0);
  return canvas;
}

/** The 2-D context of a canvas whose pixels are read again and again. */
function context(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  return canvas.getContext("2d", { willReadFrequently: true })!;
}

/** A canvas with these pixels. */
export function canvasOfPixels(pixels: Uint32Array, width: number): OffscreenCanvas {
  const height = pixels.length / width;
  const canvas = new OffscreenCanvas(width, height);
  const bytes = new Uint8ClampedArray(pixels.buffer as ArrayBuffer);
  context(canvas).putImageData(new ImageData(bytes, width, height), 0, 0);
  return canvas;
}

/** The prepared picture of a cel in a view, lines included. */
export function viewPicture(pictures: CelPictures, view: View): CanvasImageSource {
  if (view === "painted") return pictures.painted;
  if (view === "line") return pictures.line;
  const ready = pictures.views.get(view);
  if (ready) return ready;
  const { labels, cel, line } = pictures;
  const largest = cel.segments.reduce((most, { label }) => Math.max(most, label), 0);
  const table = new Uint32Array(largest + 1);
  for (const segment of cel.segments) {
    if (view === "segments") table[segment.label] = distinct(segment.label);
    else if (view === "confidence") table[segment.label] = heat(segment);
    else table[segment.label] = idColor(segment.color);
  }
  const canvas = canvasOfPixels(colorLabels(labels, table), labels.width);
  context(canvas).drawImage(line, 0, 0);
  pictures.views.set(view, canvas);
  return canvas;
}

/** Show a correction at once, before the server has answered. */
export function showPainted(index: number, changed: number[], color: number): void {
  const pictures = kept.get(index);
  if (!pictures) return;
  const segments = changed.flatMap((label) => pictures.segments.get(label) ?? []);
  if (segments.length === 0) return;
  for (const segment of segments) Object.assign(segment, { color, locked: true });
  const box = unionBox(segments.map((segment) => segment.box));
  fillLabels(pictures.painted, pictures.labels, new Set(changed), box, rgbaOf(colorOf(color)));
  touch(index, pictures);
}

/** Show at once that segments are locked. */
export function showLocked(index: number, changed: number[]): void {
  const pictures = kept.get(index);
  if (!pictures) return;
  for (const label of changed) {
    const segment = pictures.segments.get(label);
    if (segment) segment.locked = true;
  }
  touch(index, pictures);
}

function touch(index: number, pictures: CelPictures): void {
  touches.set(index, (touches.get(index) ?? 0) + 1);
  pictures.views.clear();
  pictureChanges.value++;
}

/** Fetch anew what was shown too early: the server did not take the change. */
export function forgetCel(index: number): void {
  doubtSegments(index);
  kept.delete(index);
  // That the change failed has been told; that this fails, too, would be no news.
  if (cels.value[index]) void loadPictures(index).catch(() => undefined);
}

/** Drop everything: the server is another one, or has begun to count anew. */
export function forgetAll(): void {
  beginVisit();
  forgetSegments();
  kept.clear();
  thumbnails.clear();
  playbackFrames.clear();
  pictureChanges.value++;
}
