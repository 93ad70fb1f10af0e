import { accept, itemsOf, paint, paletteVersion, send } from "./actions";
import { picturesOf } from "./cels/pictures";
import { acceptDoubt, chooseForDoubt, focusedDoubt } from "./doubts/walk";
import {
  chosenLine,
  clickedLine,
  color,
  dialog,
  hover,
  lastClicked,
  palette,
  samePart,
  selection,
  type Spot,
  tell,
} from "./state";
import { t } from "./words";

/** The segments that commands work on: those selected, the one in doubt, or the last one. */
export function targets(): Spot[] {
  if (selection.value.length) return selection.value;
  const spot = focusedDoubt.value ?? lastClicked.value ?? hover.value;
  return spot ? [{ cel: spot.cel, shape: spot.shape, label: spot.label }] : [];
}

/** Choose the color to paint with; selected segments take it at once. */
export function chooseColor(id: number): void {
  if (!palette.value[id]) return tell(t("noSuchColor", { id }), "error");
  color.value = id;
  if (chosenLine.value && id > 0) return colorLine(id);
  if (selection.value.length) void paint(itemsOf(selection.value), id);
}

/** Paint a segment, or all selected ones if it is one of them. */
export function paintSpot(spot: Spot): void {
  if (!palette.value[color.value]) return tell(t("noColorChosen"), "error");
  const doubt = focusedDoubt.value;
  if (doubt && doubt.cel === spot.cel && doubt.label === spot.label) {
    return chooseForDoubt(color.value);
  }
  const among = selection.value.some((s) => s.cel === spot.cel && s.label === spot.label);
  if (!among) selection.value = [];
  void paint(itemsOf(among ? selection.value : [spot]), color.value);
}

/** Take the color of a segment as the one to paint with. */
export function pickColor(spot: Spot): void {
  const id = picturesOf(spot.cel)?.segments.get(spot.label)?.color ?? -1;
  if (id >= 0) color.value = id;
}

/** Decide what becomes of the chosen line: a color, `AS_DRAWN`, `PAINTED_OVER`; null: predicted. */
export function colorLine(becomes: number | null): void {
  const line = chosenLine.value;
  if (!line) return;
  const { cel, drawing, at } = line;
  if (becomes === null) clickedLine.value = null;
  else clickedLine.value = { ...line, becomes, locked: true };
  void send({ kind: "line", cel, drawing, at, becomes, palette_version: paletteVersion() });
}

/** Lock the targets with the colors they have. */
export function lockTargets(): void {
  if (chosenLine.value) colorLine(chosenLine.value.becomes);
  else if (focusedDoubt.value && selection.value.length === 0) acceptDoubt();
  else if (targets().length) void accept(itemsOf(targets()));
}

/** Unlock the targets: they go back to the prediction. */
export function releaseTargets(): void {
  if (chosenLine.value) colorLine(null);
  else if (targets().length) void send({ kind: "release", items: itemsOf(targets()) });
}

/** Ask in which other cels the same part is to be painted. */
export function openSamePart(): void {
  const [spot] = targets();
  if (!spot) return;
  samePart.value = spot;
  dialog.value = "same";
}
