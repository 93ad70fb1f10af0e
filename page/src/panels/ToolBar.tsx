import { setStrokeWidth, STROKE_WIDTHS } from "../keys/commands";
import { activeTool, color, penInColor, strokeWidth, tool, TOOLS } from "../state";
import { t } from "../words";
import { Button } from "./controls";
import { Swatch } from "./Swatch";

/** The tools, at the left as in any paint program. */
export function ToolBar() {
  const active = activeTool.value;
  return (
    <nav class="toolbar" aria-label={t("tools")}>
      {TOOLS.map((name) => (
        <Button
          key={name}
          icon={name}
          label={t(`tool.${name}`)}
          title={`${t(`tool.${name}`)} – ${t(`hint.${name}`)}`}
          command={`tool.${name}`}
          pressed={active === name}
          testid={`tool-${name}`}
          onPress={() => (tool.value = name)}
        />
      ))}
      {(active === "pen" || active === "erase") && (
        <label class="width" title={t("strokeWidth")}>
          <span class="number">{strokeWidth.value}</span>
          <input
            type="range"
            min={STROKE_WIDTHS.least}
            max={STROKE_WIDTHS.most}
            value={strokeWidth.value}
            aria-label={t("strokeWidth")}
            data-testid="stroke-width"
            onInput={({ currentTarget }) => setStrokeWidth(currentTarget.valueAsNumber)}
          />
        </label>
      )}
      {active === "pen" && (
        <label class="ink" title={t("penInColor")}>
          <input
            type="checkbox"
            checked={penInColor.value}
            aria-label={t("penInColor")}
            data-testid="pen-in-color"
            onChange={({ currentTarget }) => (penInColor.value = currentTarget.checked)}
          />
          {penInColor.value ? <Swatch id={color.value} /> : <span class="swatch black" />}
        </label>
      )}
    </nav>
  );
}
