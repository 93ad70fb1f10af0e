import { computed, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { picturesOf } from "../cels/pictures";
import { focusedDoubt } from "../doubts/walk";
import { cels, currentSummary, paper } from "../state";
import { t } from "../words";
import { fit, frameBox, type Size } from "./camera";
import { animate, fitPixels } from "./loop";
import { match } from "./matched";
import { drawFrame, drawMask, maskOf } from "./overlay";
import { drawScene, type Scene } from "./scene";

const room = signal<Size>({ width: 0, height: 0 });

const scene = computed(() => {
  const pictures = match.value ? picturesOf(match.value.cel) : undefined;
  const label = match.value?.label ?? 0;
  const box = pictures?.segments.get(label)?.box;
  // With a doubt in focus the artist compares: come as near as on the large canvas.
  const near = focusedDoubt.value !== null && box;
  const camera = !pictures
    ? { scale: 1, x: 0, y: 0 }
    : near
      ? frameBox(box, pictures.cel, room.value)
      : fit(pictures.cel, room.value);
  const below: Scene = {
    camera,
    canvas: room.value,
    paper: paper.value,
    picture: pictures?.painted ?? null,
    size: pictures?.cel ?? null,
    onion: [],
    numbered: [],
  };
  return { below, box, mask: pictures && box ? maskOf(pictures, [label]) : null };
});

/** The reference from which the segment under the pointer takes its color. */
export function ReferenceView() {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);

  useEffect(() => {
    const around = box.current!;
    const layer = canvas.current!;
    const resized = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = around;
      fitPixels(layer, width, height);
      room.value = { width, height };
    });
    resized.observe(around);
    const stop = animate(layer, scene, (pen, { below, box, mask }) => {
      drawScene(pen, below);
      if (mask) drawMask(pen, below.camera, mask);
      if (box) drawFrame(pen, below.camera, box);
    });
    return () => {
      resized.disconnect();
      stop();
    };
  }, []);

  const isKey = currentSummary.value?.state === "key";
  const missing = isKey ? "isKey" : match.value === null ? "noCel" : "noMatch";
  const shown = match.value && cels.value[match.value.cel];
  return (
    <section class="reference" aria-label={t("reference")} data-testid="reference">
      <h2>
        {t("reference")} {shown && <span class="number">{shown.name}</span>}
        {match.value && <span class="quiet">{Math.round(100 * match.value.score)} %</span>}
      </h2>
      <div class="room" ref={box}>
        <canvas ref={canvas} aria-hidden="true" />
        {!shown && <p>{t(missing)}</p>}
      </div>
    </section>
  );
}
