import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { complain, itemsOf, paint } from "../actions";
import { type Box, getPicture, getSame, paintedPath, type SamePart } from "../api";
import { frameBox } from "../canvas/camera";
import { drawFrame } from "../canvas/overlay";
import { freshSegments, segmentsAtHand } from "../cels/segments";
import { Button, Check, Dialog } from "../panels/controls";
import { colorName, Swatch } from "../panels/Swatch";
import { whenSeen } from "../panels/seen";
import { cels, color, dialog, palette, samePart } from "../state";
import { t } from "../words";

/** A cel may hold the part more than once. */
const keyOf = ({ cel, label }: SamePart) => `${cel}/${label}`;

/** Where the same part was found, to look at before all of it is painted. */
export function SameDialog() {
  const spot = samePart.value!;
  const applyButton = useRef<HTMLButtonElement>(null);
  const found = useSignal<SamePart[] | null>(null);
  const skipped = useSignal<number[]>([]);
  const left = useSignal<ReadonlySet<string>>(new Set());
  const own = segmentsAtHand(spot.cel)?.segments.find(({ label }) => label === spot.label);
  const paintWith = useSignal(own && own.color > 0 ? own.color : color.value);
  const chosen = useComputed(() =>
    (found.value ?? []).filter((part) => !left.value.has(keyOf(part))),
  );
  const celCount = useComputed(
    () => new Set([spot.cel, ...chosen.value.map(({ cel }) => cel)]).size,
  );
  const skippedNames = useComputed(() =>
    skipped.value.map((index) => cels.value[index]?.name).join(", "),
  );

  useEffect(() => {
    getSame(spot.cel, spot.shape, spot.label)
      .then((answer) => {
        skipped.value = answer.skipped;
        found.value = answer.found;
        // What the artist has decided otherwise before stays as it is unless ticked.
        const decided = answer.found.filter((s) => s.locked && s.color !== paintWith.value);
        left.value = new Set(decided.map(keyOf));
      })
      .catch((error: unknown) => {
        complain(error);
        dialog.value = null;
      });
  }, []);

  useEffect(() => {
    if (found.value) applyButton.current?.focus();
  }, [found.value]);

  const apply = () => {
    dialog.value = null;
    void paint(itemsOf([spot, ...chosen.value]), paintWith.value);
  };
  const toggle = (part: SamePart, on: boolean) => {
    const next = new Set(left.value);
    if (on) next.delete(keyOf(part));
    else next.add(keyOf(part));
    left.value = next;
  };

  return (
    <Dialog
      title={t("sameTitle")}
      testid="same-dialog"
      wide
      submit={apply}
      buttons={
        <>
          <span class="quiet" data-testid="same-count">
            {t("sameCels", { count: celCount.value })}
            {skipped.value.length > 0 && (
              <span data-testid="same-skipped" title={skippedNames.value}>
                {" · "}
                {t("sameSkipped", { count: skipped.value.length })}
              </span>
            )}
          </span>
          <Button label={t("cancel")} onPress={() => (dialog.value = null)} />
          <button
            ref={applyButton}
            type="submit"
            class="primary"
            disabled={!found.value}
            data-testid="same-apply"
          >
            {t("sameCount", { count: 1 + chosen.value.length })}
          </button>
        </>
      }
    >
      <label class="field">
        <span>
          <Swatch id={paintWith.value} /> {t("colorField")}
        </span>
        <select
          data-testid="same-color"
          value={paintWith.value}
          onChange={({ currentTarget }) => (paintWith.value = Number(currentTarget.value))}
        >
          {palette.value.map(({ id }) => (
            <option key={id} value={id}>
              {colorName(id)}
            </option>
          ))}
        </select>
      </label>
      {!found.value && <p class="quiet">{t("loading")}</p>}
      {found.value?.length === 0 && <p class="quiet">{t("sameNone")}</p>}
      <ul class="found">
        {found.value?.map((part) => (
          <li key={keyOf(part)} data-testid={`same-${part.cel}-${part.label}`}>
            <Check
              label={
                <>
                  <FramedThumb cel={part.cel} label={part.label} />
                  <span class="caption">
                    <Swatch id={part.color} /> {cels.value[part.cel]?.name}{" "}
                    <span class="quiet">
                      {part.locked ? t("locked") : `${Math.round(100 * part.confidence)} %`}
                    </span>
                  </span>
                </>
              }
              on={!left.value.has(keyOf(part))}
              change={(on) => toggle(part, on)}
            />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

const SIZE = { width: 144, height: 108 };
const SOURCE = 640;

/** A cel around one of its segments, which is framed. */
function FramedThumb({ cel, label }: { cel: number; label: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(
    () =>
      whenSeen(canvas.current!, () => void drawFramed(canvas.current!, cel, label).catch(complain)),
    [],
  );
  return (
    <canvas
      ref={canvas}
      width={SIZE.width * devicePixelRatio}
      height={SIZE.height * devicePixelRatio}
      aria-hidden="true"
    />
  );
}

async function drawFramed(canvas: HTMLCanvasElement, index: number, label: number): Promise<void> {
  const cel = await freshSegments(index);
  const picture = await getPicture(paintedPath(index, cel.paint, SOURCE));
  const box: Box | undefined = cel.segments.find((segment) => segment.label === label)?.box;
  if (!box) return;
  const view = frameBox(box, cel, SIZE);
  const pen = canvas.getContext("2d")!;
  pen.scale(devicePixelRatio, devicePixelRatio);
  pen.drawImage(picture, view.x, view.y, cel.width * view.scale, cel.height * view.scale);
  picture.close();
  drawFrame(pen, view, box);
}
