import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { keyOf } from "../keys/commands";
import { color, dialog, editedColor, palette } from "../state";
import { chooseColor } from "../targets";
import { t } from "../words";
import { Button } from "./controls";
import { Icon } from "./icons";
import { rove } from "./roving";
import { colorName, Swatch } from "./Swatch";

function edit(id: number | null): void {
  editedColor.value = id;
  dialog.value = "color";
}

/** The colors of the cut; the pressed one is the one to paint with. */
export function PalettePanel() {
  const list = useRef<HTMLUListElement>(null);
  const roving = useSignal(0);
  const empty = palette.value.length <= 1;
  return (
    <section class="palette" aria-label={t("palette")}>
      <h2>
        {t("palette")}
        <Button
          icon="add"
          label={empty ? t("firstColor") : t("addColor")}
          wide={empty}
          primary={empty}
          testid="color-add"
          onPress={() => edit(null)}
        />
      </h2>
      <ul
        ref={list}
        role="listbox"
        aria-label={t("palette")}
        onKeyDown={(event) => {
          const place = rove(event.key, roving.value, palette.value.length);
          if (place !== null) {
            roving.value = place;
            (list.current!.children[place] as HTMLElement).focus();
          } else if (event.key === "Enter" || event.key === " ") chooseColor(roving.value);
          else if (event.key === "F2" && roving.value > 0) edit(roving.value);
          else return;
          event.preventDefault();
        }}
      >
        {palette.value.map(({ id, uses }) => (
          <li
            key={id}
            role="option"
            aria-selected={color.value === id}
            tabIndex={roving.value === id ? 0 : -1}
            title={id < 10 ? `${colorName(id)} (${keyOf(`color.${id}`)})` : colorName(id)}
            data-testid={`swatch-${id}`}
            onFocus={() => (roving.value = id)}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => chooseColor(id)}
            onDblClick={() => id > 0 && edit(id)}
          >
            <Swatch id={id} />
            <span class="name">{colorName(id)}</span>
            <span class="number" title={t("uses", { count: uses })}>
              {uses}
            </span>
            {id > 0 && (
              <button
                type="button"
                class="bare"
                tabIndex={-1}
                title={t("editColor", { name: colorName(id) })}
                aria-label={t("editColor", { name: colorName(id) })}
                data-testid={`swatch-edit-${id}`}
                onClick={(event) => {
                  event.stopPropagation();
                  edit(id);
                }}
              >
                <Icon name="edit" />
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
