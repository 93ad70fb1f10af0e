import { picturesOf } from "../cels/pictures";
import { keyOf } from "../keys/commands";
import {
  activeTool,
  allBlank,
  connected,
  currentCel,
  currentSummary,
  hover,
  paintingFirstKey,
  pending,
  project,
  view,
} from "../state";
import { t } from "../words";
import { colorName, Swatch } from "./Swatch";

/** What is under the pointer, what to do, and whether all is saved. */
export function StatusBar() {
  return (
    <footer class="status">
      <span class="under" data-testid="status">
        <UnderPointer />
      </span>
      <span class="hint quiet" data-testid="hint">
        {hint()}
      </span>
      <Work />
      <span class={connected.value ? "quiet" : "lost"} data-testid="saved" role="status">
        {!connected.value ? t("lost") : pending.value ? t("saving") : t("saved")}
      </span>
    </footer>
  );
}

function hint(): string {
  if (paintingFirstKey.value) return t("hint.firstKey", { key: keyOf("reference") });
  if (allBlank.value) return t("hint.blank");
  if (view.value === "confidence") return t("hint.heat");
  return t(`hint.${activeTool.value}`);
}

function UnderPointer() {
  const spot = hover.value;
  const pictures = picturesOf(currentCel.value);
  const segment = spot && pictures?.segments.get(spot.label);
  if (currentSummary.value?.state === "failed") return <>{currentSummary.value.message}</>;
  if (!pictures) {
    return <>{t(currentSummary.value?.state === "waiting" ? "preparingCel" : "loading")}</>;
  }
  if (!segment) return <span class="quiet">{currentSummary.value?.message}</span>;
  return (
    <>
      <Swatch id={segment.color} /> {colorName(segment.color)}
      {segment.locked && ` · ${t("locked")}`}
      {!segment.locked && segment.color >= 0 && ` · ${sureness(segment.confidence)}`}
      {" · "}
      <span class="quiet">{t("segment", { label: segment.label })}</span>
    </>
  );
}

function sureness(confidence: number): string {
  return t("sure", { percent: Math.round(100 * confidence) });
}

function Work() {
  const busy = project.value?.busy;
  return (
    <span class="busy" data-testid="busy" data-busy={busy ? busy.what : ""} role="status">
      {busy && (
        <>
          <progress max={Math.max(1, busy.total)} value={busy.done} />
          {t(`busy.${busy.what}`, { done: busy.done, total: busy.total })}
        </>
      )}
    </span>
  );
}
