import type { Cel } from "../api";

/** A segment whose color is not sure enough. */
export interface Doubt {
  cel: number;
  label: number;
  /** The cel's shape: after an edit, labels mean other segments. */
  shape: number;
  confidence: number;
}

/** What tells one doubt from another. */
export function doubtKey({ cel, shape, label }: Omit<Doubt, "confidence">): string {
  return `${cel}/${shape}/${label}`;
}

/** The segments of a painted cel that need a look. */
export function doubtsIn(cel: Cel, below: number): Doubt[] {
  return cel.segments
    .filter((s) => !s.locked && (s.confidence < below || s.color === -1))
    .map(({ label, color, confidence }) => ({
      cel: cel.index,
      label,
      shape: cel.shape,
      // No color at all is less sure than any color.
      confidence: color === -1 ? -1 : confidence,
    }));
}

/** Least sure first; ties in reading order. */
export function byConfidence(doubts: Doubt[]): Doubt[] {
  return [...doubts].sort(
    (a, b) => a.confidence - b.confidence || a.cel - b.cel || a.label - b.label,
  );
}

/**
 * The list after the server has matched anew: what is still doubtful keeps its place, so that the
 * walk is steady, and what has become doubtful comes at the end.
 */
export function mergeDoubts(old: Doubt[], fresh: Doubt[]): Doubt[] {
  const left = new Map(fresh.map((doubt) => [doubtKey(doubt), doubt]));
  const kept = old.flatMap((doubt) => {
    const now = left.get(doubtKey(doubt));
    left.delete(doubtKey(doubt));
    return now ? [now] : [];
  });
  return [...kept, ...byConfidence([...left.values()])];
}

/** The doubt that many steps away, around the ends; without a current one, the first or last. */
export function stepDoubt(doubts: Doubt[], from: Doubt | null, step: 1 | -1): Doubt | null {
  if (doubts.length === 0) return null;
  const at = from ? doubts.findIndex((doubt) => doubtKey(doubt) === doubtKey(from)) : -1;
  if (at < 0) return doubts[step > 0 ? 0 : doubts.length - 1]!;
  return doubts[(at + step + doubts.length) % doubts.length]!;
}
