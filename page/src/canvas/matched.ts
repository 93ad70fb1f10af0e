import { computed, effect, signal } from "@preact/signals";
import { getMatches, type Match } from "../api";
import { loadPictures } from "../cels/pictures";
import { focusedDoubt } from "../doubts/walk";
import { cels, hover, lastClicked, sideBySide, type Spot } from "../state";

/** The segment whose source in the references is shown. */
export const source = computed<Spot | null>(
  () => hover.value ?? focusedDoubt.value ?? lastClicked.value,
);

/** Its best match in a cel; null when no cel shows it, undefined while nothing is asked. */
export const match = signal<Match | null | undefined>(undefined);

const WAIT_MS = 40;
const MOST_KEPT = 2000;
const kept = new Map<string, Match | null>();

async function bestMatch({ cel, shape, label }: Spot): Promise<Match | null> {
  const { paint } = cels.value[cel]!;
  const key = `${cel}/${shape}/${paint}/${label}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const best = (await getMatches(cel, label)).matches[0] ?? null;
  if (kept.size > MOST_KEPT) kept.clear();
  kept.set(key, best);
  return best;
}

/** Follow the pointer: ask where the color of the segment under it comes from. */
export function watchMatches(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const spot = source.value;
    clearTimeout(timer);
    if (!spot || !sideBySide.value || cels.value[spot.cel]?.state !== "painted") {
      match.value = undefined;
      return;
    }
    timer = setTimeout(async () => {
      // No match to show is no reason for a message: the pointer is about to move on.
      const best = await bestMatch(spot).catch(() => null);
      if (best) await loadPictures(best.cel).catch(() => undefined);
      if (source.value?.cel === spot.cel && source.value.label === spot.label) match.value = best;
    }, WAIT_MS);
  });
}
