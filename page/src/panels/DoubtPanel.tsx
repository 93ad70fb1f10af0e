import { send } from "../actions";
import { doubts, focusedDoubt, gathering, segmentInDoubt, walk, chooseForDoubt } from "../doubts/walk";
import { pictureChanges } from "../cels/pictures";
import { keyOf } from "../keys/commands";
import { project } from "../state";
import { lockTargets } from "../targets";
import { t } from "../words";
import { Button } from "./controls";
import { useDraft } from "./draft";
import { colorName, Swatch } from "./Swatch";

/** The walk through all doubtful segments: the artist's job. */
export function DoubtPanel() {
  const { left, total, settings } = project.value!;
  const done = total ? 1 - left / total : 0;
  return (
    <section class="doubts" aria-label={t("doubts")} data-testid="doubt-panel">
      <h2>
        {t("doubts")}
        <span class="count" data-testid="left-counter" data-left={left} aria-live="polite">
          {left ? t("left", { left }) : total ? t("noneLeft") : ""}
        </span>
      </h2>
      <progress max={1} value={done} aria-hidden="true" />
      <Current />
      <div class="row">
        <Button
          icon="previous"
          label={t("previousDoubt")}
          command="doubt.previous"
          disabled={left === 0}
          testid="doubt-previous"
          onPress={() => walk(-1)}
        />
        <Button
          icon="check"
          label={t("accept")}
          command="doubt.accept"
          wide
          primary
          disabled={focusedDoubt.value === null}
          testid="doubt-accept"
          onPress={lockTargets}
        />
        <Button
          icon="next"
          label={t("nextDoubt")}
          command="doubt.next"
          disabled={left === 0}
          testid="doubt-next"
          onPress={() => walk(1)}
        />
      </div>
      <Threshold below={settings.below} />
    </section>
  );
}

/** How sure is sure enough. */
function Threshold({ below }: { below: number }) {
  const draft = useDraft(below);
  return (
    <label class="slider" title={t("below")}>
      <span>{t("below")}</span>
      <input
        type="range"
        min={0}
        max={1}
        step={0.01}
        value={draft.value}
        data-testid="threshold"
        onInput={({ currentTarget }) => draft.enter(currentTarget.valueAsNumber)}
        onChange={({ currentTarget }) =>
          void send({ kind: "settings", below: currentTarget.valueAsNumber }).then(draft.leave)
        }
      />
      <span class="number">{Math.round(draft.value * 100)} %</span>
    </label>
  );
}

/** The doubt in focus with its alternatives, or how to begin. */
function Current() {
  // Segments change in place when painted; the pictures tell when.
  pictureChanges.value;
  const segment = segmentInDoubt();
  if (!segment) {
    const waiting = gathering.value && doubts.value.length === 0 && project.value!.left > 0;
    const text = waiting ? t("gathering") : t("startDoubts", { key: keyOf("doubt.next") });
    return <p class="quiet current">{project.value!.left ? text : ""}</p>;
  }
  return (
    <div class="current">
      <p>
        <Swatch id={segment.color} /> {colorName(segment.color)}{" "}
        <span class="quiet">
          {segment.color < 0 ? "" : t("sure", { percent: Math.round(segment.confidence * 100) })}
        </span>
      </p>
      <div class="alternatives" role="group" aria-label={t("alternatives")} data-testid="alternatives">
        {segment.alternatives.slice(0, 4).map((id, place) => (
          <button
            key={id}
            type="button"
            title={`${colorName(id)} (${keyOf(`doubt.alternative.${place + 1}`)})`}
            aria-label={colorName(id)}
            aria-pressed={id === segment.color}
            data-testid={`alternative-${place + 1}`}
            onClick={() => chooseForDoubt(id)}
          >
            <Swatch id={id} />
            <kbd>{keyOf(`doubt.alternative.${place + 1}`)}</kbd>
          </button>
        ))}
      </div>
    </div>
  );
}
