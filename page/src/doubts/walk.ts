import { effect, signal } from "@preact/signals";
import { accept, complain, itemsOf, paint } from "../actions";
import type { CelSummary } from "../api";
import { loadPictures } from "../cels/pictures";
import { freshSegments, segmentsAtHand } from "../cels/segments";
import { flyTo, frameBox, viewport } from "../canvas/camera";
import { stopPlayback } from "../playback/player";
import {
  cels,
  clickedLine,
  currentCel,
  hover,
  project,
  selection,
  tell,
} from "../state";
import { t } from "../words";
import { type Doubt, doubtKey, doubtsIn, mergeDoubts, stepDoubt } from "./order";

/** The doubts of the whole cut in the order of the walk. */
export const doubts = signal<Doubt[]>([]);
export const focusedDoubt = signal<Doubt | null>(null);
export const gathering = signal(false);

const AT_ONCE = 3;
const SETTLE_MS = 400;
const PUBLISH_MS = 200;
const AHEAD = 3;
let round = 0;
/** The way to go as soon as there is a doubt to go to. */
let wanted: 1 | -1 | null = null;

function doubtfulCels(): CelSummary[] {
  return cels.value.filter((cel) => cel.state === "painted" && cel.doubts > 0);
}

/** Fetch the segments of all doubtful cels that have changed; the list grows meanwhile. */
async function gather(): Promise<void> {
  const mine = ++round;
  const isNew = (cel: CelSummary) => (segmentsAtHand(cel.index) ? 0 : 1);
  const waiting = doubtfulCels().sort((a, b) => isNew(b) - isNew(a));
  let published = 0;
  const worker = async () => {
    for (let cel = waiting.shift(); cel && mine === round; cel = waiting.shift()) {
      await freshSegments(cel.index);
      if (performance.now() - published < PUBLISH_MS || mine !== round) continue;
      publish();
      published = performance.now();
    }
  };
  gathering.value = true;
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  } catch (error) {
    complain(error);
  }
  if (mine !== round) return;
  gathering.value = false;
  publish();
  if (wanted) tell(t("noneLeft"));
  wanted = null;
}

/** Bring the list up to what is known of the segments. */
function publish(): void {
  const below = project.value?.settings.below ?? 0;
  const fresh = doubtfulCels().flatMap(({ index }) => {
    const cel = segmentsAtHand(index);
    return cel ? doubtsIn(cel, below) : [];
  });
  const focus = focusedDoubt.value;
  const there = focus && segmentsAtHand(focus.cel);
  if (there && there.shape !== focus.shape) focusedDoubt.value = null;
  // The one in focus stays in the list even when it is sure by now: else the walk loses its place.
  const now = focusedDoubt.value;
  doubts.value = mergeDoubts(now ? doubts.value : [], now ? [now, ...fresh] : fresh);
  if (wanted && doubts.value.length) walk(wanted);
}

/** Keep the list up with the cut. */
export function watchDoubts(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    if (!project.value?.started) return;
    clearTimeout(timer);
    timer = setTimeout(() => void gather(), SETTLE_MS);
  });
}

/** Go to the next or previous doubt. */
export function walk(step: 1 | -1): void {
  const next = stepDoubt(doubts.value, focusedDoubt.value, step);
  wanted = next ? null : step;
  if (next) visit(next);
  else if (!gathering.value) void gather();
}

function visit(doubt: Doubt): void {
  stopPlayback();
  focusedDoubt.value = doubt;
  selection.value = [];
  clickedLine.value = null;
  hover.value = null;
  currentCel.value = doubt.cel;
  void flyToDoubt(doubt);
  void prefetch(doubt);
}

/** Bring the doubt into view once its place is known, if it is still the one in focus. */
async function flyToDoubt(doubt: Doubt): Promise<void> {
  try {
    const cel = await freshSegments(doubt.cel);
    const segment = cel.segments.find(({ label }) => label === doubt.label);
    if (segment && focusedDoubt.value === doubt) flyTo(frameBox(segment.box, cel, viewport.value));
  } catch (error) {
    complain(error);
  }
}

/** Have the pictures ready before the artist gets there. */
async function prefetch(from: Doubt): Promise<void> {
  try {
    let doubt: Doubt | null = from;
    for (let i = 0; i <= AHEAD && doubt; i++) {
      await loadPictures(doubt.cel);
      doubt = stepDoubt(doubts.value, doubt, 1);
    }
  } catch (error) {
    complain(error);
  }
}

/** Leave the doubt in focus for the next one; it is decided now. */
function decide(doubt: Doubt): void {
  const next = stepDoubt(doubts.value, doubt, 1);
  doubts.value = doubts.value.filter((other) => doubtKey(other) !== doubtKey(doubt));
  if (next && doubts.value.length > 0) visit(next);
  else {
    // The last one known: the next gathering finds another one, or tells that all is done.
    focusedDoubt.value = null;
    wanted = 1;
  }
}

/** The segment of the doubt in focus. */
export function segmentInDoubt() {
  const doubt = focusedDoubt.value;
  if (!doubt) return undefined;
  return segmentsAtHand(doubt.cel)?.segments.find(({ label }) => label === doubt.label);
}

/** Take the color that the segment in doubt has. */
export function acceptDoubt(): void {
  const doubt = focusedDoubt.value;
  if (!doubt) return;
  if (segmentInDoubt()?.color === -1) return tell(t("noColorToAccept"));
  void accept(itemsOf([doubt]));
  decide(doubt);
}

/** Paint the segment in doubt with one of its alternatives, or any other color. */
export function chooseForDoubt(color: number | undefined): void {
  const doubt = focusedDoubt.value;
  if (!doubt || color === undefined) return;
  void paint(itemsOf([doubt]), color);
  decide(doubt);
}
