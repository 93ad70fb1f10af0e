import { redo, showActualSize, showWhole, undo } from "../keys/commands";
import { camera } from "../canvas/camera";
import { dialog, onion, paper, PAPERS, project, sideBySide, view, VIEWS } from "../state";
import { dark, toggleTheme } from "../theme";
import { language, named, t } from "../words";
import { Button, Choice } from "./controls";

/** What concerns the whole cut: undo, how it is shown, export, settings of the page. */
export function TopBar() {
  const now = project.value!;
  return (
    <header class="topbar">
      <h1 title={now.cut}>{now.name}</h1>
      <div class="group">
        <Button
          icon="undo"
          label={now.undo ? `${t("undo")}: ${named("did", now.undo)}` : t("undo")}
          command="undo"
          disabled={now.undo === null}
          testid="undo"
          onPress={undo}
        />
        <Button
          icon="redo"
          label={now.redo ? `${t("redo")}: ${named("did", now.redo)}` : t("redo")}
          command="redo"
          disabled={now.redo === null}
          testid="redo"
          onPress={redo}
        />
      </div>
      <div class="group">
        <Choice
          label={t("view")}
          value={view.value}
          values={VIEWS}
          text={(name) => t(`view.${name}`)}
          testid="view-select"
          choose={(name) => (view.value = name)}
        />
        <Choice
          label={t("paper")}
          value={paper.value}
          values={PAPERS}
          text={(name) => t(`paper.${name}`)}
          testid="paper-select"
          choose={(name) => (paper.value = name)}
        />
        <Button
          icon="onion"
          label={t("onion")}
          command="onion"
          pressed={onion.value}
          testid="onion"
          onPress={() => (onion.value = !onion.value)}
        />
        <Button
          icon="beside"
          label={t("sideBySide")}
          command="sideBySide"
          pressed={sideBySide.value}
          testid="side-by-side"
          onPress={() => (sideBySide.value = !sideBySide.value)}
        />
      </div>
      <div class="group">
        <Button icon="fit" label={t("fit")} command="fit" testid="fit" onPress={showWhole} />
        <Button
          label={`${Math.round(100 * camera.value.scale * devicePixelRatio)} %`}
          title={t("actualSize")}
          command="actual"
          testid="actual-size"
          onPress={showActualSize}
        />
      </div>
      <div class="group end">
        <Button
          label={t("language")}
          testid="lang-switch"
          onPress={() => (language.value = language.value === "en" ? "ja" : "en")}
        />
        <Button
          icon={dark.value ? "sun" : "moon"}
          label={dark.value ? t("theme.light") : t("theme.dark")}
          testid="theme-switch"
          onPress={toggleTheme}
        />
        <Button
          icon="keys"
          label={t("keys")}
          command="keys"
          testid="keys"
          onPress={() => (dialog.value = "keys")}
        />
        <Button
          icon="export"
          label={t("export")}
          wide
          primary
          command="export"
          testid="export"
          onPress={() => (dialog.value = "export")}
        />
      </div>
    </header>
  );
}
