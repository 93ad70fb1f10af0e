import { signal } from "@preact/signals";
import type { Box, Point } from "../api";

/** Where the picture lies in the canvas: screen = offset + scale × picture, in CSS pixels. */
export interface Camera {
  scale: number;
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

const SCALES = { least: 0.02, most: 40 };
const MARGIN = 16;

/** Show the whole picture in the middle; the size of a waiting cel is not known yet: 0. */
export function fit(picture: Size, canvas: Size): Camera {
  if (picture.width === 0 || picture.height === 0) return { scale: 1, x: 0, y: 0 };
  const scale = Math.min(
    Math.max(1, canvas.width - 2 * MARGIN) / picture.width,
    Math.max(1, canvas.height - 2 * MARGIN) / picture.height,
  );
  return centered([picture.width / 2, picture.height / 2], scale, canvas);
}

/** Put a point of the picture in the middle. */
function centered([x, y]: Point, scale: number, canvas: Size): Camera {
  return { scale, x: canvas.width / 2 - x * scale, y: canvas.height / 2 - y * scale };
}

/** Zoom so that the point under the pointer stays there. */
export function zoomAt(camera: Camera, [x, y]: Point, factor: number): Camera {
  const scale = Math.min(SCALES.most, Math.max(SCALES.least, camera.scale * factor));
  const ratio = scale / camera.scale;
  return { scale, x: x - (x - camera.x) * ratio, y: y - (y - camera.y) * ratio };
}

/** Show a box with enough around it to know where in the drawing it is. */
export function frameBox([x0, y0, x1, y1]: Box, picture: Size, canvas: Size): Camera {
  const around = Math.max(90, 0.7 * Math.max(x1 - x0, y1 - y0));
  const scale = Math.min(
    canvas.width / (x1 - x0 + 2 * around),
    canvas.height / (y1 - y0 + 2 * around),
  );
  const least = fit(picture, canvas);
  if (scale <= least.scale) return least;
  return centered([(x0 + x1) / 2, (y0 + y1) / 2], scale, canvas);
}

/** The point of the picture that lies under a point of the canvas. */
export function toPicture(camera: Camera, [x, y]: Point): Point {
  return [(x - camera.x) / camera.scale, (y - camera.y) / camera.scale];
}

/** The point of the canvas at which a point of the picture lies. */
export function toCanvas(camera: Camera, [x, y]: Point): Point {
  return [camera.x + x * camera.scale, camera.y + y * camera.scale];
}

export const camera = signal<Camera>({ scale: 1, x: 0, y: 0 });

const FLIGHT_MS = 160;
let flight = 0;

/** Move the camera at once. */
export function moveTo(target: Camera): void {
  cancelAnimationFrame(flight);
  camera.value = target;
}

/** Glide to a view, so that the eye can follow; at once where motion is not wanted. */
export function flyTo(target: Camera): void {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return moveTo(target);
  cancelAnimationFrame(flight);
  const from = camera.value;
  const begin = performance.now();
  const step = (now: number) => {
    const time = Math.min(1, Math.max(0, (now - begin) / FLIGHT_MS));
    const eased = 1 - (1 - time) ** 3;
    // The scale grows by factors, not by steps, and the place goes with it: else the view swings.
    const scale = from.scale * (target.scale / from.scale) ** eased;
    const share =
      target.scale === from.scale ? eased : (scale - from.scale) / (target.scale - from.scale);
    camera.value =
      time === 1
        ? target
        : {
            scale,
            x: from.x + (target.x - from.x) * share,
            y: from.y + (target.y - from.y) * share,
          };
    if (time < 1) flight = requestAnimationFrame(step);
  };
  flight = requestAnimationFrame(step);
}

/** The size of the large canvas in CSS pixels. */
export const viewport = signal<Size>({ width: 0, height: 0 });

let fitted: Camera | null = null;

/** Show the whole picture; it then stays whole when the window changes. */
export function fitPicture(picture: Size, glide: boolean): void {
  fitted = fit(picture, viewport.peek());
  if (glide) flyTo(fitted);
  else moveTo(fitted);
}

/** Whether the artist has left the view as the last fit made it. */
export function isFitted(): boolean {
  return fitted === null || camera.peek() === fitted;
}
