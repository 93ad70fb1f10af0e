import { computed } from "@preact/signals";
import { send } from "../actions";
import { picturesOf } from "../cels/pictures";
import { camera, fitPicture, flyTo, viewport, zoomAt } from "../canvas/camera";
import { chooseForDoubt, focusedDoubt, segmentInDoubt, walk } from "../doubts/walk";
import { goTo, stepCel } from "../flip";
import { stopPlayback, togglePlayback } from "../playback/player";
import {
  cels,
  chosenLine,
  clickedLine,
  currentCel,
  currentSummary,
  dialog,
  onion,
  paper,
  PAPERS,
  selection,
  sideBySide,
  strokeWidth,
  TOOLS,
  type Tool,
  view,
  VIEWS,
} from "../state";
import { stored } from "../stored";
import { chooseColor, lockTargets, openSamePart, releaseTargets } from "../targets";
import type { Word } from "../words";
import { applyChanges, type Binding, type Changes, keyLabel } from "./keymap";

export interface Command extends Binding {
  word: Word;
  /** Filled into the word. */
  values?: Record<string, number>;
  group: "doubts" | "fix" | "look" | "tools" | "palette";
  run: () => void;
  /** Set for commands that lend or change the tool. */
  tool?: Tool;
}

const TOOL_KEYS: Record<Tool, string> = {
  paint: "B",
  pick: "I",
  lasso: "L",
  close: "C",
  join: "J",
  pen: "D",
  erase: "E",
  hand: "H",
};

export const STROKE_WIDTHS = { least: 1, most: 40 };

function after<T>(all: readonly T[], now: T): T {
  return all[(all.indexOf(now) + 1) % all.length]!;
}

function zoom(factor: number): void {
  const { width, height } = viewport.value;
  flyTo(zoomAt(camera.value, [width / 2, height / 2], factor));
}

/** Show one pixel of the picture as one of the screen. */
export function showActualSize(): void {
  zoom(1 / devicePixelRatio / camera.value.scale);
}

/** Show the whole cel. */
export function showWhole(): void {
  if (currentSummary.value) fitPicture(currentSummary.value, true);
}

/** Set the width of pen and eraser within its limits. */
export function setStrokeWidth(width: number): void {
  strokeWidth.value = Math.min(STROKE_WIDTHS.most, Math.max(STROKE_WIDTHS.least, width));
}

/** Make the current cel a reference, or no longer. */
export function toggleReference(): void {
  const cel = currentSummary.value;
  if (!cel || (cel.state === "key" && !cel.made)) return;
  const { shape } = picturesOf(cel.index)?.cel ?? cel;
  void send({ kind: "reference", cel: cel.index, shape, on: cel.state !== "key" });
}

/** Take back all that was decided and edited in the current cel. */
export function resetCel(): void {
  if (currentSummary.value) void send({ kind: "reset", cels: [currentCel.value] });
}

/** Undo or redo one step. */
export function undo(): void {
  void send({ kind: "undo" });
}

/** Make what was undone again. */
export function redo(): void {
  void send({ kind: "redo" });
}

/** Let go of selection and doubt, and stop the playback. */
export function escape(): void {
  stopPlayback();
  if (chosenLine.value) clickedLine.value = null;
  else if (selection.value.length) selection.value = [];
  else focusedDoubt.value = null;
}

const COMMANDS: Command[] = [
  { id: "doubt.next", word: "nextDoubt", group: "doubts", keys: ["N"], run: () => walk(1) },
  {
    id: "doubt.previous",
    word: "previousDoubt",
    group: "doubts",
    keys: ["P"],
    run: () => walk(-1),
  },
  {
    id: "doubt.accept",
    word: "accept",
    group: "doubts",
    keys: ["Enter"],
    when: "doubt",
    run: lockTargets,
  },
  ...([1, 2, 3, 4] as const).map((n): Command => ({
    id: `doubt.alternative.${n}`,
    word: `alternative.${n}`,
    group: "doubts",
    keys: [String(n)],
    when: "doubt",
    run: () => chooseForDoubt(segmentInDoubt()?.alternatives[n - 1]),
  })),
  { id: "escape", word: "escape", group: "doubts", keys: ["Escape"], run: escape },

  { id: "undo", word: "undo", group: "fix", keys: ["Mod+Z"], run: undo },
  { id: "redo", word: "redo", group: "fix", keys: ["Mod+Shift+Z", "Mod+Y"], run: redo },
  { id: "lock", word: "lock", group: "fix", keys: ["X"], run: lockTargets },
  { id: "release", word: "releaseLong", group: "fix", keys: ["U"], run: releaseTargets },
  { id: "same", word: "same", group: "fix", keys: ["S"], run: openSamePart },
  { id: "reference", word: "makeReference", group: "fix", keys: ["M"], run: toggleReference },
  { id: "reset", word: "resetCel", group: "fix", keys: ["Shift+R"], run: resetCel },
  {
    id: "export",
    word: "export",
    group: "fix",
    keys: ["Mod+E"],
    run: () => (dialog.value = "export"),
  },

  ...TOOLS.map((tool): Command => ({
    id: `tool.${tool}`,
    word: `tool.${tool}`,
    group: "tools",
    keys: [TOOL_KEYS[tool]],
    run: () => {},
    tool,
  })),
  {
    id: "thinner",
    word: "thinner",
    group: "tools",
    keys: ["["],
    run: () => setStrokeWidth(strokeWidth.value - 1),
  },
  {
    id: "wider",
    word: "wider",
    group: "tools",
    keys: ["]"],
    run: () => setStrokeWidth(strokeWidth.value + 1),
  },

  {
    id: "cel.previous",
    word: "previousCel",
    group: "look",
    keys: [",", "ArrowLeft"],
    run: () => stepCel(-1),
  },
  {
    id: "cel.next",
    word: "nextCel",
    group: "look",
    keys: [".", "ArrowRight"],
    run: () => stepCel(1),
  },
  { id: "cel.first", word: "firstCel", group: "look", keys: ["Home"], run: () => goTo(0) },
  {
    id: "cel.last",
    word: "lastCel",
    group: "look",
    keys: ["End"],
    run: () => goTo(cels.value.length - 1),
  },
  { id: "play", word: "play", group: "look", keys: ["K"], run: togglePlayback },
  { id: "fit", word: "fit", group: "look", keys: ["F"], run: showWhole },
  { id: "actual", word: "actualSize", group: "look", keys: ["A"], run: showActualSize },
  { id: "zoom.in", word: "zoomIn", group: "look", keys: ["+", "="], run: () => zoom(1.5) },
  { id: "zoom.out", word: "zoomOut", group: "look", keys: ["-"], run: () => zoom(1 / 1.5) },
  {
    id: "view",
    word: "cycleView",
    group: "look",
    keys: ["V"],
    run: () => (view.value = after(VIEWS, view.value)),
  },
  {
    id: "paper",
    word: "cyclePaper",
    group: "look",
    keys: ["G"],
    run: () => (paper.value = after(PAPERS, paper.value)),
  },
  {
    id: "onion",
    word: "onion",
    group: "look",
    keys: ["O"],
    run: () => (onion.value = !onion.value),
  },
  {
    id: "sideBySide",
    word: "sideBySide",
    group: "look",
    keys: ["R"],
    run: () => (sideBySide.value = !sideBySide.value),
  },
  { id: "keys", word: "keys", group: "look", keys: ["?"], run: () => (dialog.value = "keys") },

  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((n): Command => ({
    id: `color.${n}`,
    word: n ? "pickColor" : "bare",
    values: { id: n },
    group: "palette",
    keys: [String(n)],
    run: () => chooseColor(n),
  })),
];

export const keyChanges = stored<Changes>("keys", {});
/** All commands with the keys that the artist has given them. */
export const commands = computed(() => applyChanges(COMMANDS, keyChanges.value));

const MAC = /Mac|iP(hone|ad)/.test(navigator.userAgent);

/** A key as the artist's keyboard has it. */
export const showKey = (key: string) => keyLabel(key, MAC);

/** The first key of a command, as shown in tooltips; "" if it has none. */
export function keyOf(id: string): string {
  const key = commands.value.find((command) => command.id === id)?.keys[0];
  return key === undefined ? "" : showKey(key);
}

/** A text with the key of its command, for tooltips. */
export function withKey(text: string, id: string): string {
  const key = keyOf(id);
  return key ? `${text} (${key})` : text;
}
