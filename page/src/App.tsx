import { CanvasView } from "./canvas/CanvasView";
import { ReferenceView } from "./canvas/ReferenceView";
import { ColorDialog } from "./dialogs/ColorDialog";
import { ExportDialog } from "./dialogs/ExportDialog";
import { KeysDialog } from "./dialogs/KeysDialog";
import { SameDialog } from "./dialogs/SameDialog";
import { DoubtPanel } from "./panels/DoubtPanel";
import { PalettePanel } from "./panels/PalettePanel";
import { SegmentPanel } from "./panels/SegmentPanel";
import { StatusBar } from "./panels/StatusBar";
import { Strip } from "./panels/Strip";
import { Toasts } from "./panels/Toasts";
import { ToolBar } from "./panels/ToolBar";
import { TopBar } from "./panels/TopBar";
import { Transport } from "./panels/Transport";
import { StartScreen } from "./start/StartScreen";
import { connected, dialog, project, sideBySide } from "./state";
import { t } from "./words";

/** The whole page. */
export function App() {
  return (
    <>
      <Content />
      <Toasts />
    </>
  );
}

function Content() {
  if (!project.value) return <p class="opening">{t(connected.value ? "loading" : "lost")}</p>;
  if (!project.value.started) return <StartScreen />;
  return (
    <>
      <TopBar />
      <div class="middle">
        <ToolBar />
        <main class="views">
          <CanvasView />
          {sideBySide.value && <ReferenceView />}
        </main>
        <aside class="panels">
          <DoubtPanel />
          <SegmentPanel />
          <PalettePanel />
        </aside>
      </div>
      <div class="strip">
        <Transport />
        <Strip />
      </div>
      <StatusBar />
      {dialog.value === "export" && <ExportDialog />}
      {dialog.value === "keys" && <KeysDialog />}
      {dialog.value === "same" && <SameDialog />}
      {dialog.value === "color" && <ColorDialog />}
    </>
  );
}
