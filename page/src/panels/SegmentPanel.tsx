import { picturesOf } from "../cels/pictures";
import { lastClicked, selection } from "../state";
import { lockTargets, openSamePart, releaseTargets } from "../targets";
import { focusedDoubt } from "../doubts/walk";
import { t } from "../words";
import { Button } from "./controls";
import { colorName, Swatch } from "./Swatch";

/** What can be done with the chosen segments. */
export function SegmentPanel() {
  const count = selection.value.length;
  const spot = count === 1 ? selection.value[0] : (focusedDoubt.value ?? lastClicked.value);
  const segment = spot && picturesOf(spot.cel)?.segments.get(spot.label);
  const none = count === 0 && !segment;
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
