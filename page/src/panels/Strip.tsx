import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { CelSummary } from "../api";
import { thumbnails } from "../cels/previews";
import { goTo } from "../flip";
import { playing } from "../playback/player";
import { cels, currentCel } from "../state";
import { t } from "../words";
import { Icon } from "./icons";
import { rove } from "./roving";
import { whenSeen } from "./seen";

const THUMBNAIL = 192;

/** All cels of the cut; pictures are fetched for those in sight. */
export function Strip() {
  const list = useRef<HTMLUListElement>(null);
  const shown = playing.value?.cel ?? currentCel.value;

  useEffect(
    () =>
      effect(() => {
        const cel = list.current?.children[playing.value?.cel ?? currentCel.value];
        cel?.scrollIntoView({ block: "nearest", inline: "nearest" });
      }),
    [],
  );

  return (
    <ul
      ref={list}
      class="cels"
      role="listbox"
      aria-label={t("cels")}
      aria-orientation="horizontal"
      onKeyDown={(event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
        const place = rove(event.key, currentCel.value, cels.value.length);
        if (place === null) return;
        event.preventDefault();
        goTo(place);
        (list.current!.children[place] as HTMLElement).focus();
      }}
    >
      {cels.value.map((cel, i) => (
        <StripCel
          key={cel.index}
          cel={cel}
          newColumn={i > 0 && cels.value[i - 1]!.column !== cel.column}
          current={cel.index === shown}
        />
      ))}
    </ul>
  );
}

interface StripCelProps {
  cel: CelSummary;
  newColumn: boolean;
  current: boolean;
}

/** How a cel stands: what the mark in the strip shows and the screen reader says. */
function standing(cel: CelSummary): { mark: string; text: string } {
  if (cel.state !== "painted") return { mark: cel.state, text: t(`state.${cel.state}`) };
  if (cel.doubts > 0) return { mark: "doubtful", text: t("state.doubtful", { count: cel.doubts }) };
  if (cel.locked >= cel.segments) return { mark: "locked", text: t("state.locked") };
  return { mark: "painted", text: t("state.painted") };
}

/** Drawn again only when a property is another one, as signals have it: 500 of them cost nothing. */
function StripCel({ cel, newColumn, current }: StripCelProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { mark, text } = standing(cel);

  useEffect(() => whenSeen(canvas.current!, () => void draw(canvas.current!, cel.index)), [
    cel.paint,
    cel.shape,
    cel.state,
  ]);

  return (
    <li
      role="option"
      class={newColumn ? "new-column" : undefined}
      aria-selected={current}
      aria-label={`${cel.name}, ${text}`}
      title={cel.message || `${cel.name}: ${text}`}
      tabIndex={current ? 0 : -1}
      data-testid={`cel-${cel.index}`}
      data-state={mark}
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => goTo(cel.index)}
    >
      <canvas ref={canvas} aria-hidden="true" />
      <span class="label">
        <span class="name">{cel.name}</span>
        <span class={`mark ${mark}`}>
          {mark === "doubtful" && cel.doubts}
          {mark === "key" && <Icon name="reference" />}
          {mark === "locked" && <Icon name="lock" />}
          {mark === "failed" && "!"}
        </span>
      </span>
    </li>
  );
}

async function draw(canvas: HTMLCanvasElement, index: number): Promise<void> {
  // A cel whose picture does not come has its state to tell why.
  const picture = await thumbnails.load(index, THUMBNAIL).catch(() => null);
  if (!picture || !canvas.isConnected) return;
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext("2d")!.drawImage(picture, 0, 0);
}
