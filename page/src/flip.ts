import { effect } from "@preact/signals";
import { complain } from "./actions";
import { fitPicture, viewport } from "./canvas/camera";
import { loadPictures } from "./cels/pictures";
import { neighbor } from "./playback/order";
import { playing, stopPlayback } from "./playback/player";
import { focusedDoubt } from "./doubts/walk";
import { cels, currentCel, currentSummary, hover, selection } from "./state";

/** Go to a cel; a doubt in focus is left. */
export function goTo(index: number): void {
  if (!cels.value[index]) return;
  stopPlayback();
  focusedDoubt.value = null;
  if (index !== currentCel.value) selection.value = [];
  hover.value = null;
  currentCel.value = index;
}

/** Flip to the cel before or after in the same column, around the ends. */
export function stepCel(step: number): void {
  const next = neighbor(cels.value, currentCel.value, step);
  if (next) goTo(next.index);
}

/** Keep the pictures of the current cel and its neighbors fresh, and the view on the drawing. */
export function watchCurrentCel(): void {
  let shown = "";
  effect(() => {
    const cel = currentSummary.value;
    if (!cel || viewport.value.width === 0 || playing.value) return;
    const size = `${cel.width}x${cel.height}`;
    // The size of a waiting cel is not known yet.
    if (size !== shown && cel.width > 0) fitPicture(cel, false);
    shown = size;
    void loadAround(cel.index);
  });
}

async function loadAround(index: number): Promise<void> {
  try {
    await loadPictures(index);
    for (const step of [1, -1]) {
      const next = neighbor(cels.value, index, step);
      // The artist may have gone on meanwhile: then these are no neighbors any more.
      if (!next || currentCel.value !== index) return;
      if (next.state !== "waiting" && next.state !== "failed") await loadPictures(next.index);
    }
  } catch (error) {
    if (cels.value[index]?.state !== "failed") complain(error);
  }
}
