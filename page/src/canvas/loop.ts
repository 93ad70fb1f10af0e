import { effect, type ReadonlySignal } from "@preact/signals";
import type { Size } from "./camera";

let count = 0;

/** How many times the large canvas has been drawn. */
export const framesDrawn = () => count;

/** Count one more frame of the large canvas. */
export function countFrame(): void {
  count++;
}

/** Draw a scene whenever it changes, at most once in a frame of the screen. Returns how to stop. */
export function animate<Scene>(
  canvas: HTMLCanvasElement,
  scene: ReadonlySignal<Scene>,
  draw: (pen: CanvasRenderingContext2D, scene: Scene) => void,
): () => void {
  const pen = canvas.getContext("2d")!;
  let asked = 0;
  const stop = effect(() => {
    scene.value;
    asked ||= requestAnimationFrame(() => {
      asked = 0;
      draw(pen, scene.peek());
    });
  });
  return () => {
    stop();
    cancelAnimationFrame(asked);
  };
}

/** Keep as many pixels in a canvas as the screen has there. */
export function fitPixels(canvas: HTMLCanvasElement, width: number, height: number): void {
  canvas.width = Math.max(1, Math.round(width * devicePixelRatio));
  canvas.height = Math.max(1, Math.round(height * devicePixelRatio));
}

/** Empty a canvas and measure it in CSS pixels. */
export function clear(pen: CanvasRenderingContext2D, canvas: Size): void {
  pen.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  pen.clearRect(0, 0, canvas.width, canvas.height);
}
