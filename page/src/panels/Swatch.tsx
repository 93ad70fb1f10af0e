import { palette } from "../state";
import { t } from "../words";

/** The name of a palette color, or a stand-in for it. */
export function colorName(id: number): string {
  if (id < 0) return t("unknown");
  if (id === 0) return t("bare");
  return palette.value[id]?.name || t("unnamed", { id });
}

/** A little field of a palette color; bare paper is checkered, no color is crossed out. */
export function Swatch({ id }: { id: number }) {
  const color = palette.value[id]?.color ?? "none";
  const kind = id < 0 ? "unknown" : color === "none" ? "bare" : "";
  return (
    <span class={`swatch ${kind}`} style={kind ? undefined : { background: color }} />
  );
}
