import { type Cel, getCel } from "../api";
import { cels } from "../state";

const kept = new Map<number, Cel>();
/** Cels whose segments are asked for anew, whatever their version says. */
const doubted = new Set<number>();
const underway = new Map<number, Promise<Cel>>();

/** Whether data of these versions still shows what the server last told of a cel. */
export function isFresh(index: number, data: Pick<Cel, "shape" | "paint">): boolean {
  const now = cels.value[index];
  // Larger is fresh too: the list of cels may be older than what was fetched since.
  return now !== undefined && data.shape >= now.shape && data.paint >= now.paint;
}

/** The segments of a cel if they are at hand, perhaps a little old. */
export function segmentsAtHand(index: number): Cel | undefined {
  return kept.get(index);
}

/** The segments of a cel as they are now. */
export function freshSegments(index: number): Promise<Cel> {
  const old = kept.get(index);
  if (old && isFresh(index, old) && !doubted.has(index)) return Promise.resolve(old);
  const running = underway.get(index);
  if (running) return running;
  doubted.delete(index);
  const fetching = getCel(index)
    .then((cel) => {
      // Of identical drawings the first answers for all, under its own index.
      kept.set(index, cel);
      return cel;
    })
    .finally(() => underway.delete(index));
  underway.set(index, fetching);
  return fetching;
}

/** Ask anew for one cel the next time; until then it is still at hand. */
export function doubtSegments(index: number): void {
  doubted.add(index);
}

/** Forget what is known of all cels. */
export function forgetSegments(): void {
  kept.clear();
  doubted.clear();
}
