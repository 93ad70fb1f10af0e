import { effect } from "@preact/signals";
import { render } from "preact";
import { refresh } from "./actions";
import { App } from "./App";
import { camera, toCanvas } from "./canvas/camera";
import { framesDrawn } from "./canvas/loop";
import { watchMatches } from "./canvas/matched";
import { focusedDoubt, watchDoubts } from "./doubts/walk";
import { watchCurrentCel } from "./flip";
import { listenToKeys } from "./keys/listen";
import { follow } from "./live";
import { project, tell } from "./state";
import { language } from "./words";
import "./styles/page.css";

declare global {
  interface Window {
    /** For tests in a real browser. */
    shiage: {
      toScreen: (x: number, y: number) => [number, number];
      frames: () => number;
      version: () => number;
      doubt: () => { cel: number; label: number } | null;
    };
  }
}

window.shiage = {
  toScreen: (x, y) => {
    const canvas = document.querySelector("[data-testid=canvas]")!.getBoundingClientRect();
    const [left, top] = toCanvas(camera.value, [x + 0.5, y + 0.5]);
    return [canvas.left + left, canvas.top + top];
  },
  frames: framesDrawn,
  version: () => project.value?.version ?? -1,
  doubt: () => focusedDoubt.value,
};

effect(() => {
  document.documentElement.lang = language.value;
});
effect(() => {
  document.title = project.value?.started ? `${project.value.name} – shiage` : "shiage";
});

const warned = new Set<string>();
effect(() => {
  for (const warning of project.value?.warnings ?? []) {
    if (warned.has(warning)) continue;
    warned.add(warning);
    tell(warning);
  }
});

// Whoever comes back from a program in which lines are mended sees what was saved there.
addEventListener("focus", () => {
  if (project.value?.started) void refresh();
});

// A picture dropped beside a drop zone must not replace the page.
for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());

render(<App />, document.getElementById("app")!);
listenToKeys();
watchCurrentCel();
watchDoubts();
watchMatches();
void refresh();
follow();
