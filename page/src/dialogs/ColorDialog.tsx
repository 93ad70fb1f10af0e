import { useSignal } from "@preact/signals";
import { send } from "../actions";
import { Button, Dialog } from "../panels/controls";
import { color, dialog, editedColor, palette } from "../state";
import { t } from "../words";

const RGB = "#rrggbb".length;

/** Add a color, or change and rename one everywhere. */
export function ColorDialog() {
  const id = editedColor.value;
  const old = id === null ? undefined : palette.value[id];
  const value = useSignal(old?.color.startsWith("#") ? old.color.slice(0, RGB) : "#e0a080");
  const name = useSignal(old?.name ?? "");
  // The picker knows no alpha: keep the one that the color has.
  const alpha = old?.color.slice(RGB) ?? "";

  const save = async () => {
    dialog.value = null;
    if (!old) {
      const added = palette.value.length;
      const taken = await send({ kind: "color_add", color: value.value, name: name.value });
      if (taken) color.value = added;
      return;
    }
    const next = value.value + alpha;
    if (next !== old.color) await send({ kind: "color_change", id: old.id, color: next });
    if (name.value !== old.name) await send({ kind: "color_rename", id: old.id, name: name.value });
  };

  return (
    <Dialog
      title={old ? t("editColor", { name: old.name || t("unnamed", { id: old.id }) }) : t("addColor")}
      testid="color-dialog"
      submit={() => void save()}
      buttons={
        <>
          <Button label={t("cancel")} onPress={() => (dialog.value = null)} />
          <button type="submit" class="primary" data-testid="color-save">
            {old ? t("save") : t("add")}
          </button>
        </>
      }
    >
      <label class="field">
        <span>{t("colorField")}</span>
        <input
          type="color"
          value={value.value}
          data-testid="color-value"
          onInput={({ currentTarget }) => (value.value = currentTarget.value)}
        />
      </label>
      <label class="field">
        <span>{t("nameField")}</span>
        <input
          type="text"
          value={name.value}
          maxLength={80}
          data-first
          data-testid="color-name"
          onInput={({ currentTarget }) => (name.value = currentTarget.value)}
        />
      </label>
      {old && <p class="quiet">{t("everywhere")}</p>}
    </Dialog>
  );
}
