/** What the server sends and takes; the words are those of src/shiage/web. */

export interface Color {
  id: number;
  /** "#rrggbb", "#rrggbbaa" or "none" (bare paper). */
  color: string;
  name: string;
  /** How many segments have it. */
  uses: number;
}

type CelState = "waiting" | "blank" | "painted" | "key" | "failed";

export interface CelSummary {
  index: number;
  name: string;
  column: string;
  number: number;
  width: number;
  height: number;
  state: CelState;
  /** A key that the artist made in the page and can take back. */
  made: boolean;
  segments: number;
  doubts: number;
  locked: number;
  /** Tells one version of its file from another. */
  drawing: string;
  /** Grows when lines or labels change. */
  shape: number;
  /** Grows when colors change. */
  paint: number;
  /** Frames shown in playback. */
  hold: number;
  edited: boolean;
  /** Why it failed, or what became of its file meanwhile. */
  message: string;
}

export interface Busy {
  what: "preparing" | "matching" | "exporting";
  done: number;
  total: number;
}

/** A format of pictures that is read. */
export interface PictureFormat {
  name: string;
  /** How names of such files end, in lower case. */
  suffixes: string[];
}

export interface Project {
  started: boolean;
  version: number;
  /** Grows when palette ids stand for other colors. */
  palette_version: number;
  name: string;
  cut: string;
  out: string;
  palette: Color[];
  cels: CelSummary[];
  settings: { below: number; fps: number };
  undo: string | null;
  redo: string | null;
  left: number;
  total: number;
  busy: Busy | null;
  /** What the timesheet says; empty without one. */
  timeline: Track[];
  warnings: string[];
  formats: PictureFormat[];
}

/** When the cels of a column are seen; null: nothing is seen. */
export interface Track {
  column: string;
  shown: { cel: number | null; frames: number }[];
}

/** x0, y0, x1, y1; the last row and column are outside. */
export type Box = [number, number, number, number];
export type Point = [number, number];

export interface Segment {
  label: number;
  box: Box;
  area: number;
  at: Point;
  /** A palette id; 0 is bare paper, -1 is unknown. */
  color: number;
  confidence: number;
  locked: boolean;
  alternatives: number[];
}

export interface Cel {
  index: number;
  drawing: string;
  shape: number;
  paint: number;
  width: number;
  height: number;
  segments: Segment[];
}

/** What becomes of a coloured line: paint replaces it, or it stays as drawn; ids are from 1 on. */
export const PAINTED_OVER = -2;
export const AS_DRAWN = -1;

/** A piece of a coloured line. */
export interface Line {
  at: Point;
  box: Box;
  /** The color it was drawn in, "#rrggbb". */
  drawn: string;
  /** The palette id it stays in, `AS_DRAWN` or `PAINTED_OVER`. */
  becomes: number;
  locked: boolean;
}

export interface Match {
  cel: number;
  label: number;
  score: number;
}

export interface SamePart {
  cel: number;
  shape: number;
  label: number;
  color: number;
  confidence: number;
  locked: boolean;
}

export interface Item {
  cel: number;
  /** Of the segments that were seen: to others the server does nothing. */
  shape: number;
  labels: number[];
}

export type StrokeKind = "close" | "pen" | "erase" | "join";

export interface Stroke {
  kind: StrokeKind;
  width: number;
  points: Point[];
  /** A pen's palette id; without one it draws in black. */
  color?: number;
}

export type Action =
  | { kind: "paint"; items: Item[]; color: number; palette_version: number }
  | { kind: "accept" | "release"; items: Item[] }
  | { kind: "reset"; cels: number[] }
  | { kind: "edit"; cel: number; drawing: string; stroke: Stroke; palette_version: number }
  | {
      kind: "line";
      cel: number;
      drawing: string;
      at: Point;
      becomes: number | null;
      palette_version: number;
    }
  | { kind: "reference"; cel: number; shape: number; on: boolean }
  | { kind: "color_add"; color: string; name: string }
  | { kind: "color_change"; id: number; color: string; palette_version: number }
  | { kind: "color_rename"; id: number; name: string; palette_version: number }
  | { kind: "hold"; cels: number[]; frames: number }
  | { kind: "settings"; below?: number; fps?: number }
  | { kind: "undo" | "redo" };

export interface ExportOptions {
  format: "cels" | "psd" | "svg" | "mp4" | "gif";
  layers: "together" | "separate";
  changed_only: boolean;
  line_edits: boolean;
  overwrite: boolean;
}

export interface Exported {
  files: number;
  folder: string;
  /** A sentence on each cel that was not written. */
  left_out: string[];
}

/** An answer other than 2xx; its message is a sentence for the artist. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const token = new URLSearchParams(location.search).get("token") ?? "";
const headers = { "X-Shiage-Token": token };

function sentence(body: string, status: number): string {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    if (typeof error === "string") return error;
  } catch {
    // Not JSON: a proxy or a crash; the status is all there is to tell.
  }
  return `HTTP ${status}`;
}

async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const answer = await fetch(path, { ...init, headers: { ...headers, ...init.headers } });
  if (!answer.ok) throw new ApiError(answer.status, sentence(await answer.text(), answer.status));
  return answer;
}

async function get<T>(path: string): Promise<T> {
  return (await request(path)).json() as Promise<T>;
}

async function post<T>(path: string, body: unknown): Promise<T> {
  const answer = await request(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return answer.json() as Promise<T>;
}

export const getProject = () => get<Project>("/api/project");
export const getCel = (cel: number) => get<Cel>(`/api/cels/${cel}`);
export const getMatches = (cel: number, label: number) =>
  get<{ matches: Match[] }>(`/api/cels/${cel}/match?label=${label}`);
export const getSame = (cel: number, shape: number, label: number) =>
  get<{ found: SamePart[]; skipped: number[] }>(
    `/api/cels/${cel}/same?label=${label}&shape=${shape}`,
  );
export const getLine = (cel: number, shape: number, [x, y]: Point) =>
  get<Line | null>(`/api/cels/${cel}/coloured-line?x=${x}&y=${y}&shape=${shape}`);
export const postAction = (action: Action) => post<Project>("/api/actions", action);
export const postExport = (options: ExportOptions) => post<Exported>("/api/export", options);

/** Fetch and decode a picture without any change to its samples: labels are numbers, not colors. */
export async function getPicture(path: string): Promise<ImageBitmap> {
  return (await getShown(path)).picture;
}

/** The same with the shape that the cel has in it. */
export async function getShown(path: string): Promise<{ picture: ImageBitmap; shape: number }> {
  const answer = await request(path);
  const options = { colorSpaceConversion: "none", premultiplyAlpha: "none" } as const;
  const picture = await createImageBitmap(await answer.blob(), options);
  return { picture, shape: Number(answer.headers.get("X-Shiage-Shape")) };
}

// Versions begin anew with the server: what an earlier one sent must not be taken from the cache.
let visit = Date.now();

/** Ask for all pictures anew from here on. */
export function beginVisit(): void {
  visit = Date.now();
}

function picturePath(cel: number, name: string, version: number): string {
  return `/api/cels/${cel}/${name}.png?v=${version}&visit=${visit}`;
}

/** The address of a cel as painted, its longest side at most `max` pixels (0: as large as it is). */
export function paintedPath(cel: number, version: number, max = 0): string {
  return picturePath(cel, "painted", version) + (max ? `&max=${max}` : "");
}

export const labelsPath = (cel: number, shape: number) => picturePath(cel, "labels", shape);
export const linePath = (cel: number, shape: number) => picturePath(cel, "line", shape);

/** Open the channel on which the server tells of changes. */
export function openEvents(): WebSocket {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return new WebSocket(`${scheme}://${location.host}/api/events?token=${encodeURIComponent(token)}`);
}

/** Send dropped pictures; XMLHttpRequest because fetch tells nothing of an upload's progress. */
export function postStart(
  files: { path: string; file: File }[],
  name: string,
  progress: (share: number) => void,
): Promise<Project> {
  const form = new FormData();
  form.append("name", name);
  for (const { path, file } of files) form.append("files", file, path);
  return new Promise((resolve, reject) => {
    const upload = new XMLHttpRequest();
    upload.open("POST", "/api/start");
    upload.setRequestHeader("X-Shiage-Token", token);
    upload.upload.onprogress = (event) => progress(event.loaded / event.total);
    upload.onload = () => {
      if (upload.status < 300) resolve(JSON.parse(upload.responseText) as Project);
      else reject(new ApiError(upload.status, sentence(upload.responseText, upload.status)));
    };
    upload.onerror = () => reject(new TypeError("network"));
    upload.send(form);
  });
}
