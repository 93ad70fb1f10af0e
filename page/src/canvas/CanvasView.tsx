import { useEffect, useRef } from "preact/hooks";
import type { Point } from "../api";
import { activeTool, currentSummary } from "../state";
import { t } from "../words";
import { fitPicture, isFitted, viewport } from "./camera";
import { animate, countFrame, fitPixels } from "./loop";
import { drawOverlay, overlayScene } from "./overlay";
import { panning, pointerDown, pointerLeave, pointerMove, pointerUp, wheel } from "./pointer";
import { drawScene, mainScene } from "./scene";

/** The large canvas: the picture below, what moves with the pointer on a layer above. */
export function CanvasView() {
  const room = useRef<HTMLDivElement>(null);
  const base = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);

  useEffect(() => {
    const layers = [base.current!, overlay.current!];
    const around = room.current!;
    const resized = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = around;
      for (const layer of layers) fitPixels(layer, width, height);
      const whole = isFitted();
      viewport.value = { width, height };
      if (whole && currentSummary.value) fitPicture(currentSummary.value, false);
    });
    resized.observe(around);
    const stops = [
      animate(layers[0]!, mainScene, (pen, scene) => {
        drawScene(pen, scene);
        countFrame();
      }),
      animate(layers[1]!, overlayScene, drawOverlay),
    ];
    return () => {
      resized.disconnect();
      for (const stop of stops) stop();
    };
  }, []);

  const place = (event: MouseEvent): Point => {
    const { left, top } = overlay.current!.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };

  return (
    <div class="canvas" ref={room}>
      <canvas ref={base} aria-hidden="true" />
      <canvas
        ref={overlay}
        data-testid="canvas"
        class={panning.value ? "moving" : `with-${activeTool.value}`}
        tabIndex={0}
        role="img"
        aria-label={t("canvas")}
        onPointerDown={(event) => {
          overlay.current!.setPointerCapture(event.pointerId);
          overlay.current!.focus();
          pointerMove(event, place(event));
          pointerDown(event, place(event));
        }}
        onPointerMove={(event) => pointerMove(event, place(event))}
        onPointerUp={pointerUp}
        onPointerCancel={pointerUp}
        onPointerLeave={pointerLeave}
        onWheel={(event) => {
          event.preventDefault();
          wheel(event, place(event));
        }}
        onContextMenu={(event) => event.preventDefault()}
      />
    </div>
  );
}
