import type { CelSummary, Track } from "../api";

type Held = Pick<CelSummary, "index" | "column" | "hold">;

/**
 * The cel shown in each frame of a column, null where none is: as the timesheet says, or without
 * one every cel as many frames as it is held.
 */
export function framesOf(cels: Held[], column: string, timeline: Track[]): (number | null)[] {
  const track = timeline.find((other) => other.column === column);
  if (track) return track.shown.flatMap(({ cel, frames }) => Array<number | null>(frames).fill(cel));
  return cels
    .filter((cel) => cel.column === column)
    .flatMap(({ index, hold }) => Array<number>(Math.max(1, hold)).fill(index));
}

/** The frame to show after so many milliseconds, around the end. */
export function frameAt(elapsed: number, fps: number, count: number): number {
  return Math.floor((elapsed * fps) / 1000) % count;
}

/** The cel `step` places away in the same column, around the ends. */
export function neighbor<T extends Pick<CelSummary, "index" | "column">>(
  cels: T[],
  from: number,
  step: number,
): T | undefined {
  const column = cels.filter((cel) => cel.column === cels[from]?.column);
  const at = column.findIndex((cel) => cel.index === from);
  if (at < 0) return undefined;
  return column[(at + step + column.length) % column.length];
}

const MOST_PIXELS = 48e6;

/** The longest side of the previews: 960, or less where so many cels would fill the memory. */
export function previewSize(count: number): number {
  return Math.min(960, Math.floor(Math.sqrt(MOST_PIXELS / Math.max(1, count))));
}
