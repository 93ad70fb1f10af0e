import { signal } from "@preact/signals";
import { complain } from "../actions";
import { playbackFrames } from "../cels/previews";
import { cels, currentCel, currentSummary, project } from "../state";
import { frameAt, framesOf, previewSize } from "./order";

/** The frame on the canvas during playback; no cel where the timesheet shows none. */
export const playing = signal<{ cel: number | null; picture: ImageBitmap | null } | null>(null);
/** How many pictures are decoded before playback begins. */
export const decoding = signal<{ done: number; total: number } | null>(null);

const AT_ONCE = 4;
let run = 0;

/** Start or stop the playback of the current cel's column. */
export function togglePlayback(): void {
  if (playing.value || decoding.value) stopPlayback();
  else void startPlayback();
}

/** Stop where the playback is. */
export function stopPlayback(): void {
  run++;
  decoding.value = null;
  const cel = playing.value?.cel ?? null;
  if (cel !== null) currentCel.value = cel;
  playing.value = null;
}

async function startPlayback(): Promise<void> {
  const mine = ++run;
  const name = currentSummary.value?.column ?? "";
  const frames = framesOf(cels.value, name, project.value?.timeline ?? []);
  const column = [...new Set(frames)].filter((cel) => cel !== null);
  const pictures = new Map<number, ImageBitmap>();
  const waiting = [...column];
  const max = previewSize(column.length);
  decoding.value = { done: 0, total: column.length };
  const worker = async () => {
    for (let cel = waiting.shift(); cel !== undefined && mine === run; cel = waiting.shift()) {
      pictures.set(cel, await playbackFrames.load(cel, max));
      if (mine === run) decoding.value = { done: pictures.size, total: column.length };
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  } catch (error) {
    complain(error);
    if (mine === run) stopPlayback();
  }
  if (mine !== run) return;
  decoding.value = null;
  const first = Math.max(0, frames.indexOf(currentCel.value));
  show(mine, frames, pictures, performance.now(), first);
}

function show(
  mine: number,
  frames: (number | null)[],
  pictures: Map<number, ImageBitmap>,
  begin: number,
  first: number,
): void {
  if (mine !== run) return;
  const fps = project.value?.settings.fps ?? 24;
  const cel = frames[(first + frameAt(performance.now() - begin, fps, frames.length)) % frames.length] ?? null;
  if (!playing.value || playing.value.cel !== cel) {
    playing.value = { cel, picture: cel === null ? null : pictures.get(cel)! };
  }
  requestAnimationFrame(() => show(mine, frames, pictures, begin, first));
}
