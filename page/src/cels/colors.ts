import type { Segment } from "../api";

/** Red, green, blue, alpha as the bytes of a pixel lie in memory (little-endian). */
export function pack(red: number, green: number, blue: number, alpha = 255): number {
  return (red | (green << 8) | (blue << 16) | (alpha << 24)) >>> 0;
}

/** A palette color as a pixel; "none" is clear. */
export function rgbaOf(color: string): number {
  if (!color.startsWith("#")) return 0;
  const part = (at: number) => parseInt(color.slice(at, at + 2), 16);
  return pack(part(1), part(3), part(5), color.length > 7 ? part(7) : 255);
}

/** Distinct, steady colors for any number: neighbors in number are far apart in hue. */
export function distinct(index: number): number {
  const hue = (index * 137.508) % 360;
  const lightness = 0.55 + 0.14 * ((index % 3) - 1);
  const channel = (shift: number) => {
    const k = (shift + hue / 30) % 12;
    const chroma = 0.62 * Math.min(lightness, 1 - lightness);
    return Math.round(255 * (lightness - chroma * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return pack(channel(0), channel(8), channel(4));
}

// Red to blue over yellow: told apart by people who confuse red and green.
const HEAT = [
  [215, 48, 39],
  [253, 174, 97],
  [255, 255, 191],
  [171, 217, 233],
  [69, 117, 180],
] as const;
const LOCKED = pack(140, 140, 140);
const UNKNOWN = pack(255, 0, 255);

/** The heat color of a confidence in 0..1; a locked segment is grey, as nothing is open there. */
export function heat({ confidence, locked }: Pick<Segment, "confidence" | "locked">): number {
  if (locked) return LOCKED;
  const place = Math.min(1, Math.max(0, confidence)) * (HEAT.length - 1);
  const low = HEAT[Math.floor(place)]!;
  const high = HEAT[Math.ceil(place)]!;
  const mix = (channel: 0 | 1 | 2) =>
    Math.round(low[channel] + (high[channel] - low[channel]) * (place % 1));
  return pack(mix(0), mix(1), mix(2));
}

/** The flat stand-in for a palette id: loud where the id is unknown, clear for bare paper. */
export function idColor(id: number): number {
  if (id < 0) return UNKNOWN;
  return id === 0 ? 0 : distinct(id);
}
