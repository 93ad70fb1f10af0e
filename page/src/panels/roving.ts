/**
 * Arrow keys, Home and End within a list of which only one element is reached with the Tab key.
 * Returns the place to go to, or null if the key is none of these.
 */
export function rove(key: string, at: number, count: number): number | null {
  const places: Record<string, number> = {
    ArrowRight: at + 1,
    ArrowDown: at + 1,
    ArrowLeft: at - 1,
    ArrowUp: at - 1,
    Home: 0,
    End: count - 1,
  };
  const place = places[key];
  return place === undefined ? null : Math.max(0, Math.min(count - 1, place));
}
