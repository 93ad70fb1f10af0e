import { useSignal } from "@preact/signals";
import { complain } from "../actions";
import { ApiError, type Exported, type ExportOptions, postExport } from "../api";
import { Button, Check, Choice, Dialog } from "../panels/controls";
import { dialog, project } from "../state";
import { stored } from "../stored";
import { t } from "../words";

const FORMATS = ["cels", "psd", "svg", "mp4", "gif"] as const;
const LAYERS = ["together", "separate"] as const;

const options = stored<Omit<ExportOptions, "overwrite">>("export", {
  format: "cels",
  layers: "together",
  changed_only: false,
  line_edits: false,
});

/** Write the cut: as what, and whether over what is there. */
export function ExportDialog() {
  const working = useSignal(false);
  /** What the server says about files that are there already. */
  const inTheWay = useSignal("");
  const result = useSignal<Exported | null>(null);
  const now = options.value;
  const preview = now.format === "mp4" || now.format === "gif";

  const change = (part: Partial<typeof now>) => {
    options.value = { ...now, ...part };
    inTheWay.value = "";
    result.value = null;
  };

  const write = async (overwrite: boolean) => {
    working.value = true;
    inTheWay.value = "";
    result.value = null;
    try {
      result.value = await postExport({ ...options.value, overwrite });
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) inTheWay.value = error.message;
      else complain(error);
    }
    working.value = false;
  };

  const busy = project.value?.busy;
  return (
    <Dialog
      title={t("exportTitle")}
      testid="export-dialog"
      submit={() => void write(false)}
      buttons={
        <>
          <Button label={t("close")} testid="export-close" onPress={() => (dialog.value = null)} />
          {inTheWay.value ? (
            <Button
              label={t("overwrite")}
              primary
              testid="export-overwrite"
              onPress={() => void write(true)}
            />
          ) : (
            <button
              type="submit"
              class="primary"
              data-first
              disabled={working.value}
              data-testid="export-start"
            >
              {t("startExport")}
            </button>
          )}
        </>
      }
    >
      <label class="field">
        <span>{t("format")}</span>
        <Choice
          label={t("format")}
          value={now.format}
          values={FORMATS}
          text={(format) => t(`format.${format}`)}
          testid="export-format"
          choose={(format) => change({ format })}
        />
      </label>
      <label class="field">
        <span>{t("layers")}</span>
        <Choice
          label={t("layers")}
          value={now.layers}
          values={LAYERS}
          text={(layers) => t(`layers.${layers}`)}
          testid="export-layers"
          choose={(layers) => change({ layers })}
        />
      </label>
      <Check
        label={t("changedOnly")}
        on={now.changed_only}
        disabled={preview}
        testid="export-changed"
        change={(on) => change({ changed_only: on })}
      />
      <Check
        label={t("lineEdits")}
        on={now.line_edits}
        testid="export-line-edits"
        change={(on) => change({ line_edits: on })}
      />
      <div class="outcome" role="status" data-testid="export-outcome">
        {working.value && (
          <>
            <progress max={busy?.total} value={busy?.what === "exporting" ? busy.done : undefined} />
            {t("exporting")}
          </>
        )}
        {inTheWay.value && <p class="warning">{inTheWay.value}</p>}
        {result.value && (
          <p>
            {t("exported", { files: result.value.files })} <code>{result.value.folder}</code>
          </p>
        )}
        {result.value?.left_out.map((told) => (
          <p key={told} class="warning">
            {told}
          </p>
        ))}
      </div>
    </Dialog>
  );
}
