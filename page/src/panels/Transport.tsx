import { send } from "../actions";
import type { CelSummary } from "../api";
import { stepCel } from "../flip";
import { resetCel, toggleReference } from "../keys/commands";
import { decoding, playing, togglePlayback } from "../playback/player";
import { cels, currentSummary, project } from "../state";
import { t } from "../words";
import { Button, Choice } from "./controls";
import { useDraft } from "./draft";

const SPEEDS = [24, 12, 8] as const;

/** Flip and play. */
export function Transport() {
  const cel = currentSummary.value;
  const active = playing.value !== null || decoding.value !== null;
  const fps = project.value!.settings.fps;
  return (
    <div class="transport">
      <Button
        icon="previous"
        label={t("previousCel")}
        command="cel.previous"
        testid="cel-previous"
        onPress={() => stepCel(-1)}
      />
      <Button
        icon={active ? "stop" : "play"}
        label={active ? t("stop") : t("play")}
        command="play"
        pressed={active}
        testid="play"
        onPress={togglePlayback}
      />
      <Button
        icon="next"
        label={t("nextCel")}
        command="cel.next"
        testid="cel-next"
        onPress={() => stepCel(1)}
      />
      <Choice
        label={t("speed")}
        value={fps}
        values={SPEEDS}
        text={(value) => t("fps", { fps: value })}
        testid="fps"
        choose={(value) => void send({ kind: "settings", fps: value })}
      />
      {cel && !project.value!.timeline.length && <Hold key={cel.index} cel={cel} />}
      <span class="number quiet">
        {cel && `${cel.name} · ${cel.index + 1}/${cels.value.length}`}
      </span>
      {cel && <CelActions cel={cel} />}
      {decoding.value && (
        <progress max={decoding.value.total} value={decoding.value.done} aria-label={t("loading")} />
      )}
    </div>
  );
}

/** For how many frames a cel is shown. */
function Hold({ cel }: { cel: CelSummary }) {
  const draft = useDraft(String(cel.hold));
  return (
    <label class="hold">
      {t("hold")}
      <input
        type="number"
        min={1}
        max={99}
        value={draft.value}
        data-testid="hold"
        onInput={({ currentTarget }) => draft.enter(currentTarget.value)}
        onChange={({ currentTarget }) => {
          const frames = currentTarget.valueAsNumber;
          const taken = frames >= 1 && send({ kind: "hold", cels: [cel.index], frames });
          void Promise.resolve(taken).then(draft.leave);
          currentTarget.blur();
        }}
      />
    </label>
  );
}

/** What can be done with the whole current cel. */
function CelActions({ cel }: { cel: CelSummary }) {
  const given = cel.state === "key" && !cel.made;
  return (
    <div class="group">
      <Button
        icon="reference"
        label={given ? t("givenReference") : cel.made ? t("unmakeReference") : t("makeReference")}
        command="reference"
        wide
        pressed={cel.state === "key"}
        disabled={given || cel.state === "failed"}
        testid="make-reference"
        onPress={toggleReference}
      />
      <Button
        icon="reset"
        label={t("resetCel")}
        title={t("resetCelLong")}
        command="reset"
        testid="reset-cel"
        onPress={resetCel}
      />
    </div>
  );
}
