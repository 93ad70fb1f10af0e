import { useSignal } from "@preact/signals";
import { paletteVersion, send } from "../actions";
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

  // What the id stood for when the dialog was opened.
  const opened = useSignal(paletteVersion());
  const saving = useSignal(false);

  const change = async (): Promise<boolean> => {
    if (!old) {
      const added = palette.value.length;
      const taken = await send({ kind: "color_add", color: value.value, name: name.value });
      if (taken) color.value = added;
      return taken;
    }
    const next = value.value + alpha;
    const id = old.id;
    const named = { id, palette_version: opened.value };
    const changed =
      next === old.color || (await send({ kind: "color_change", ...named, color: next }));
    if (!changed || name.value === old.name) return changed;
    return send({ kind: "color_rename", ...named, name: name.value });
  };

  // The dialog stays until the color is there: the next click shall already paint with it.
  const save = async () => {
    if (saving.value) return;
    saving.value = true;
    if (await change()) dialog.value = null;
    saving.value = false;
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
