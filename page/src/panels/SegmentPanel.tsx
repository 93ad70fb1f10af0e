import { picturesOf } from "../cels/pictures";
import { AS_DRAWN, PAINTED_OVER } from "../api";
import { type ChosenLine, chosenLine, lastClicked, selection } from "../state";
import { colorLine, lockTargets, openSamePart, releaseTargets } from "../targets";
import { focusedDoubt } from "../doubts/walk";
import { t } from "../words";
import { Button } from "./controls";
import { colorName, Swatch } from "./Swatch";

/** What can be done with the chosen coloured line. */
function LinePanel({ line }: { line: ChosenLine }) {
  const { becomes, drawn, locked } = line;
  const choices = [
    [AS_DRAWN, "asDrawn"],
    [PAINTED_OVER, "paintedOver"],
  ] as const;
  return (
    <section class="segment" aria-label={t("group.fix")}>
      <p class="about" data-testid="line-info">
        <span class="swatch" style={{ background: drawn }} /> {t("colouredLine")}:{" "}
        {becomes > 0 ? (
          <>
            <Swatch id={becomes} /> {colorName(becomes)}
          </>
        ) : (
          t(becomes === AS_DRAWN ? "asDrawn" : "paintedOver")
        )}{" "}
        {locked && <span class="quiet">{t("locked")}</span>}
      </p>
      <div class="row">
        {choices.map(([outcome, word]) => (
          <Button
            key={word}
            label={t(word)}
            wide
            pressed={becomes === outcome}
            testid={`line-${word}`}
            onPress={() => colorLine(outcome)}
          />
        ))}
        <Button
          icon="release"
          label={t("release")}
          title={t("releaseLong")}
          command="release"
          wide
          disabled={!locked}
          testid="line-release"
          onPress={() => colorLine(null)}
        />
      </div>
      <p class="quiet">{t("lineHint")}</p>
    </section>
  );
}

/** What can be done with the chosen segments. */
export function SegmentPanel() {
  const count = selection.value.length;
  const spot = count === 1 ? selection.value[0] : (focusedDoubt.value ?? lastClicked.value);
  const segment = spot && picturesOf(spot.cel)?.segments.get(spot.label);
  const none = count === 0 && !segment;
  if (chosenLine.value) return <LinePanel line={chosenLine.value} />;
  return (
    <section class="segment" aria-label={t("group.fix")}>
      <p class="about" data-testid="segment-info">
        {count > 1 ? (
          t("selected", { count })
        ) : segment ? (
          <>
            <Swatch id={segment.color} /> {colorName(segment.color)}{" "}
            {segment.locked && <span class="quiet">{t("locked")}</span>}
          </>
        ) : (
          <span class="quiet">{t("nothingSelected")}</span>
        )}
      </p>
      <div class="row">
        <Button
          icon="lock"
          label={t("lock")}
          command="lock"
          wide
          disabled={none}
          testid="lock"
          onPress={lockTargets}
        />
        <Button
          icon="release"
          label={t("release")}
          title={t("releaseLong")}
          command="release"
          wide
          disabled={none}
          testid="release"
          onPress={releaseTargets}
        />
      </div>
      <Button
        icon="same"
        label={t("same")}
        command="same"
        wide
        disabled={none || count > 1}
        testid="same"
        onPress={openSamePart}
      />
    </section>
  );
}
