/* Made of src/shiage/web/messages.py by `make page-types`. */

export type Action =
  | Paint
  | Accept
  | Release
  | Reset
  | Edit
  | ColorLine
  | MakeReference
  | AddColor
  | ChangeColor
  | RenameColor
  | Hold
  | ChangeSettings
  | Undo
  | Redo;

/**
 * All that is said, by name.
 */
export interface Messages {
  Accept: Accept;
  Action: Action;
  AddColor: AddColor;
  BusyWith: BusyWith;
  CelState: CelState;
  CelSummary: CelSummary;
  Change: Change;
  ChangeColor: ChangeColor;
  ChangeSettings: ChangeSettings;
  Color: Color;
  ColorLine: ColorLine;
  Edit: Edit;
  Export: Export;
  Exported: Exported;
  Found: Found;
  Hold: Hold;
  Item: Item;
  Line: Line;
  MakeReference: MakeReference;
  Match: Match;
  Matches: Matches;
  Paint: Paint;
  PictureFormat: PictureFormat;
  Problem: Problem;
  ProjectState: ProjectState;
  Redo: Redo;
  Release: Release;
  RenameColor: RenameColor;
  Reset: Reset;
  Same: Same;
  Segment: Segment;
  Settings: Settings;
  Shown: Shown;
  StrokeMade: StrokeMade;
  Track: Track;
  Undo: Undo;
}
/**
 * Decide that segments keep the color they have.
 */
export interface Accept {
  kind: "accept";
  items: Item[];
}
/**
 * Segments of one cel.
 */
export interface Item {
  cel: number;
  /**
   * Of the segments that were seen: to others the server does nothing.
   */
  shape?: number | null;
  labels: number[];
}
/**
 * Decide the color of segments.
 */
export interface Paint {
  kind: "paint";
  items: Item[];
  color: number;
  palette_version?: number | null;
}
/**
 * Give segments back to the prediction.
 */
export interface Release {
  kind: "release";
  items: Item[];
}
/**
 * Take back all that was done to cels.
 */
export interface Reset {
  kind: "reset";
  cels: number[];
}
/**
 * Make a stroke on a cel.
 */
export interface Edit {
  kind: "edit";
  cel: number;
  drawing?: string | null;
  stroke: StrokeMade;
  palette_version?: number | null;
}
/**
 * A stroke; see `shiage.painting.edits.Stroke`.
 */
export interface StrokeMade {
  kind: "close" | "join" | "pen" | "erase";
  points: [number, number][];
  width?: number;
  /**
   * Of a pen; without one it draws in black.
   */
  color?: number | null;
}
/**
 * Decide what becomes of the coloured line at a pixel, see `Line`; null: as predicted.
 */
export interface ColorLine {
  kind: "line";
  cel: number;
  drawing?: string | null;
  /**
   * @minItems 2
   * @maxItems 2
   */
  at: [number, number];
  becomes: number | null;
  palette_version?: number | null;
}
/**
 * Make a cel a reference, or no longer one.
 */
export interface MakeReference {
  kind: "reference";
  cel: number;
  shape?: number | null;
  on: boolean;
}
/**
 * Add a color to the palette.
 */
export interface AddColor {
  kind: "color_add";
  color: string;
  name?: string;
}
/**
 * Change a color wherever it is painted.
 */
export interface ChangeColor {
  kind: "color_change";
  id: number;
  color: string;
  palette_version?: number | null;
}
/**
 * Give a color another name.
 */
export interface RenameColor {
  kind: "color_rename";
  id: number;
  name: string;
  palette_version?: number | null;
}
/**
 * Set for how many frames cels are shown.
 */
export interface Hold {
  kind: "hold";
  cels: number[];
  frames: number;
}
/**
 * Set what counts as doubtful, and the speed of previews.
 */
export interface ChangeSettings {
  kind: "settings";
  below?: number | null;
  fps?: number | null;
}
/**
 * Take back the last action.
 */
export interface Undo {
  kind: "undo";
}
/**
 * Do it again.
 */
export interface Redo {
  kind: "redo";
}
/**
 * What is being done in the background.
 */
export interface BusyWith {
  what: "preparing" | "matching" | "exporting";
  done: number;
  total: number;
}
/**
 * A cel with its segments.
 */
export interface CelState {
  index: number;
  drawing: string;
  shape: number;
  paint: number;
  width: number;
  height: number;
  segments: Segment[];
}
/**
 * A segment of a cel.
 */
export interface Segment {
  label: number;
  /**
   * x0, y0, x1, y1; the last row and column are outside.
   *
   * @minItems 4
   * @maxItems 4
   */
  box: [number, number, number, number];
  area: number;
  /**
   * @minItems 2
   * @maxItems 2
   */
  at: [number, number];
  /**
   * A palette id; 0 is bare paper, -1 is unknown.
   */
  color: number;
  confidence: number;
  locked: boolean;
  alternatives: number[];
}
/**
 * A cel as the strip shows it.
 */
export interface CelSummary {
  index: number;
  name: string;
  column: string;
  number: number;
  width: number;
  height: number;
  state: "waiting" | "blank" | "painted" | "key" | "failed";
  /**
   * A key that the artist made in the page and can take back.
   */
  made: boolean;
  segments: number;
  doubts: number;
  locked: number;
  /**
   * Tells one version of its file from another.
   */
  drawing: string;
  /**
   * Grows when lines or labels change.
   */
  shape: number;
  /**
   * Grows when colors change.
   */
  paint: number;
  /**
   * Frames shown in playback.
   */
  hold: number;
  edited: boolean;
  /**
   * Why it failed, or what became of its file meanwhile.
   */
  message: string;
}
/**
 * Sent to every page at each change.
 */
export interface Change {
  /**
   * Of the project; 0: no cut is open.
   */
  version: number;
  busy: BusyWith | null;
}
/**
 * A color of the palette.
 */
export interface Color {
  id: number;
  /**
   * `#rrggbb`, `#rrggbbaa`, or "none" for the bare paper.
   */
  color: string;
  name: string;
  /**
   * How many segments have it.
   */
  uses: number;
}
/**
 * Write the painted cut; see `shiage.web.export`.
 */
export interface Export {
  format: "cels" | "psd" | "svg" | "mp4" | "gif";
  layers?: "together" | "separate";
  changed_only?: boolean;
  line_edits?: boolean;
  overwrite?: boolean;
}
/**
 * What an export wrote, and where.
 */
export interface Exported {
  files: number;
  folder: string;
  /**
   * A sentence on each cel that was not written.
   */
  left_out: string[];
}
/**
 * The same part in another cel.
 */
export interface Found {
  cel: number;
  shape: number;
  label: number;
  color: number;
  confidence: number;
  locked: boolean;
}
/**
 * A piece of a coloured line.
 */
export interface Line {
  /**
   * @minItems 2
   * @maxItems 2
   */
  at: [number, number];
  /**
   * @minItems 4
   * @maxItems 4
   */
  box: [number, number, number, number];
  /**
   * The color it was drawn in, `#rrggbb`.
   */
  drawn: string;
  /**
   * The palette id it stays in; -1: as it was drawn; -2: paint replaces it.
   */
  becomes: number;
  locked: boolean;
}
/**
 * A segment that another takes its color from.
 */
export interface Match {
  cel: number;
  label: number;
  score: number;
}
/**
 * Where a segment's color comes from.
 */
export interface Matches {
  matches: Match[];
}
/**
 * A format of pictures that is read, and how names of such files end.
 */
export interface PictureFormat {
  name: string;
  suffixes: string[];
}
/**
 * Why something cannot be done, a sentence for the artist.
 */
export interface Problem {
  error: string;
}
/**
 * Everything the page shows but pictures and segments.
 */
export interface ProjectState {
  started: boolean;
  version: number;
  /**
   * Grows when palette ids stand for other colors.
   */
  palette_version: number;
  name: string;
  cut: string;
  out: string;
  palette: Color[];
  cels: CelSummary[];
  settings: Settings;
  undo: string | null;
  redo: string | null;
  left: number;
  total: number;
  busy: BusyWith | null;
  /**
   * When the timesheet shows what; empty without one.
   */
  timeline: Track[];
  warnings: string[];
  formats: PictureFormat[];
}
/**
 * What the whole page goes by.
 */
export interface Settings {
  below: number;
  fps: number;
}
/**
 * When the cels of a column are seen.
 */
export interface Track {
  column: string;
  shown: Shown[];
}
/**
 * A cel seen for some frames; null: nothing is seen.
 */
export interface Shown {
  cel: number | null;
  frames: number;
}
/**
 * Where a part is in the other cels.
 */
export interface Same {
  found: Found[];
  /**
   * Cels without it.
   */
  skipped: number[];
}
