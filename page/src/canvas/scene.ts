import { computed } from "@preact/signals";
import type { Segment } from "../api";
import { type CelPictures, picturesOf, viewPicture } from "../cels/pictures";
import { thumbnails } from "../cels/previews";
import { neighbor } from "../playback/order";
import { playing } from "../playback/player";
import { cels, currentCel, onion, paper, type Paper, view } from "../state";
import { camera, type Camera, type Size, viewport } from "./camera";
import { clear } from "./loop";

/** What a canvas shows below all overlays. */
export interface Scene {
  camera: Camera;
  canvas: Size;
  paper: Paper;
  picture: CanvasImageSource | null;
  /** The size of the cel, whatever the size of the picture of it. */
  size: Size | null;
  onion: CanvasImageSource[];
  /** Segments to be labeled with their palette ids. */
  numbered: Segment[];
}

/** What the large canvas shows now. */
export const mainScene = computed<Scene>(() => {
  const index = playing.value?.cel ?? currentCel.value;
  const pictures = picturesOf(index);
  const still = playing.value === null;
  return {
    camera: camera.value,
    canvas: viewport.value,
    paper: paper.value,
    picture: playing.value
      ? playing.value.picture
      : pictures
        ? viewPicture(pictures, view.value)
        : (thumbnails.peek(index) ?? null),
    size: cels.value[index] ?? null,
    onion: still && onion.value ? onionSkins(index) : [],
    numbered: still && pictures && view.value === "ids" ? pictures.cel.segments : [],
  };
});

const SKINS = { previous: "#e02020", next: "#2040e0" };
const SKIN_ALPHA = 0.35;
const tinted = new WeakMap<ImageBitmap, Map<string, OffscreenCanvas>>();

function onionSkins(index: number): OffscreenCanvas[] {
  const skin = (step: number, tint: string) => {
    const other = neighbor(cels.value, index, step);
    const pictures = other && other.index !== index ? picturesOf(other.index) : undefined;
    return pictures ? [tintedLine(pictures, tint)] : [];
  };
  return [...skin(-1, SKINS.previous), ...skin(1, SKINS.next)];
}

function tintedLine({ line }: CelPictures, tint: string): OffscreenCanvas {
  const tints = tinted.get(line) ?? new Map<string, OffscreenCanvas>();
  tinted.set(line, tints);
  const ready = tints.get(tint);
  if (ready) return ready;
  const canvas = new OffscreenCanvas(line.width, line.height);
  const pen = canvas.getContext("2d")!;
  pen.drawImage(line, 0, 0);
  pen.globalCompositeOperation = "source-in";
  pen.fillStyle = tint;
  pen.fillRect(0, 0, line.width, line.height);
  tints.set(tint, canvas);
  return canvas;
}

/** Draw a scene: prepared pictures under one transform, so that panning costs the same for all. */
export function drawScene(pen: CanvasRenderingContext2D, scene: Scene): void {
  const { camera, size, picture } = scene;
  clear(pen, scene.canvas);
  if (!size) return;
  const place = [
    camera.x,
    camera.y,
    size.width * camera.scale,
    size.height * camera.scale,
  ] as const;
  pen.fillStyle = paperFill(pen, scene.paper);
  pen.fillRect(...place);
  pen.imageSmoothingEnabled = camera.scale * devicePixelRatio < 1;
  if (picture) pen.drawImage(picture, ...place);
  pen.globalAlpha = SKIN_ALPHA;
  for (const skin of scene.onion) pen.drawImage(skin, ...place);
  pen.globalAlpha = 1;
  drawNumbers(pen, scene);
}

const CHECK = 8;
let checker: CanvasPattern | null = null;

function paperFill(pen: CanvasRenderingContext2D, paper: Paper): string | CanvasPattern {
  if (paper === "white") return "#ffffff";
  if (paper === "grey") return "#b4b4b4";
  if (!checker) {
    const tile = new OffscreenCanvas(2 * CHECK, 2 * CHECK);
    const tilePen = tile.getContext("2d")!;
    tilePen.fillStyle = "#ffffff";
    tilePen.fillRect(0, 0, 2 * CHECK, 2 * CHECK);
    tilePen.fillStyle = "#cccccc";
    tilePen.fillRect(0, 0, CHECK, CHECK);
    tilePen.fillRect(CHECK, CHECK, CHECK, CHECK);
    checker = pen.createPattern(tile, "repeat");
  }
  return checker ?? "#ffffff";
}

const LEAST_NUMBERED = 500;

function drawNumbers(pen: CanvasRenderingContext2D, { numbered, camera }: Scene): void {
  pen.font = "600 12px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineWidth = 3;
  pen.strokeStyle = "rgb(255 255 255 / 85%)";
  pen.fillStyle = "#111111";
  for (const { area, at, color } of numbered) {
    if (area * camera.scale ** 2 < LEAST_NUMBERED) continue;
    const x = camera.x + (at[0] + 0.5) * camera.scale;
    const y = camera.y + (at[1] + 0.5) * camera.scale;
    const text = color < 0 ? "?" : String(color);
    pen.strokeText(text, x, y);
    pen.fillText(text, x, y);
  }
}
