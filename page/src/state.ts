import { computed, signal } from "@preact/signals";
import type { CelSummary, Line, Point, Project, StrokeKind } from "./api";
import { stored } from "./stored";

export const VIEWS = ["painted", "line", "segments", "confidence", "ids"] as const;
export type View = (typeof VIEWS)[number];

export const PAPERS = ["grey", "white", "checker"] as const;
export type Paper = (typeof PAPERS)[number];

export const TOOLS = [
  "paint",
  "pick",
  "lasso",
  "close",
  "join",
  "pen",
  "erase",
  "hand",
] as const;
export type Tool = (typeof TOOLS)[number];

/** A segment that the page points at. */
export interface Spot {
  cel: number;
  /** The cel's shape when it was pointed at: after an edit, labels mean other segments. */
  shape: number;
  label: number;
}

/** A coloured line that the page points at, of a drawing as it was seen. */
export interface ChosenLine extends Line {
  cel: number;
  shape: number;
  drawing: string;
}

/** What the pointer is drawing, in the picture's pixels. */
export interface Trace {
  kind: StrokeKind | "lasso";
  points: Point[];
  width: number;
  /** Of a pen, as CSS has it. */
  color?: string;
}

type DialogName = "export" | "keys" | "same" | "color";

// From the server
export const project = signal<Project | null>(null);
export const connected = signal(true);
/** Actions on their way to the server. */
export const pending = signal(0);

// What this tab looks at
export const currentCel = signal(0);
export const view = stored<View>("view", "painted", VIEWS);
export const paper = stored<Paper>("paper", "white", PAPERS);
export const onion = stored("onion", false);
export const sideBySide = stored("sideBySide", true);
export const hover = signal<Spot | null>(null);

// What this tab works with
export const tool = signal<Tool>("paint");
/** A tool lent while its key is held. */
export const lentTool = signal<Tool | null>(null);
export const color = signal(1);
export const strokeWidth = stored("strokeWidth", 3);
/** Whether the pen draws in the chosen color, not in black. */
export const penInColor = stored("penInColor", false);
export const selection = signal<Spot[]>([]);
/** The segment last clicked: what the segment panel shows. */
export const lastClicked = signal<Spot | null>(null);
/** The coloured line last clicked, until a segment is. */
export const clickedLine = signal<ChosenLine | null>(null);
export const trace = signal<Trace | null>(null);
/** Strokes sent, but not yet in the pictures from the server. */
export const sentStrokes = signal<(Trace & { cel: number; shape: number })[]>([]);

export const dialog = signal<DialogName | null>(null);
/** The palette id that the color dialog edits; null: a new color. */
export const editedColor = signal<number | null>(null);
export const samePart = signal<Spot | null>(null);

export const cels = computed<CelSummary[]>(() => project.value?.cels ?? []);
export const palette = computed(() => project.value?.palette ?? []);
export const currentSummary = computed(() => cels.value[currentCel.value]);
/** That line while its cel is looked at, and its lines are as they were. */
export const chosenLine = computed(() => {
  const line = clickedLine.value;
  const cel = line && line.cel === currentCel.value ? cels.value[line.cel] : undefined;
  return cel && cel.shape === line!.shape ? line : null;
});
export const activeTool = computed(() => lentTool.value ?? tool.value);
/** Nothing is painted yet: the artist has to begin. */
export const allBlank = computed(() =>
  cels.value.every((cel) => cel.state === "blank" || cel.state === "waiting"),
);
/** The current cel is being painted as the first key. */
export const paintingFirstKey = computed(
  () =>
    (currentSummary.value?.locked ?? 0) > 0 && cels.value.every((cel) => cel.state !== "key"),
);

/** The color of a palette id, clear where there is none. */
export function colorOf(id: number): string {
  return palette.value[id]?.color ?? "none";
}

interface Toast {
  id: number;
  text: string;
  kind: "error" | "note";
}

export const toasts = signal<Toast[]>([]);
let lastToast = 0;
const TOAST_MS = { error: 9000, note: 4000 };
const READING_MS = 60; // a letter

/** Tell the artist something without standing in the way. */
export function tell(text: string, kind: Toast["kind"] = "note"): void {
  const id = ++lastToast;
  toasts.value = [...toasts.peek().filter((toast) => toast.text !== text), { id, text, kind }];
  setTimeout(() => dismiss(id), Math.max(TOAST_MS[kind], READING_MS * text.length));
}

/** Take a message away. */
export function dismiss(id: number): void {
  toasts.value = toasts.peek().filter((toast) => toast.id !== id);
}
