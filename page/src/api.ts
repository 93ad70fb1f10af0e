/** What the server sends and takes; the words are those of src/shiage/web. */

import type { Action, Export, Exported, Line, Matches, Same, Segment } from "./messages";
import type { BusyWith, CelState, ProjectState, StrokeMade } from "./messages";

export type { Action, CelSummary, Change, Color, Exported, Item, Line, Match, Segment } from "./messages";
export type { PictureFormat, Track } from "./messages";
export type Busy = BusyWith;
export type Stroke = StrokeMade;
export type StrokeKind = Stroke["kind"];
export type Cel = CelState;
export type Project = ProjectState;
export type SamePart = Same["found"][number];
export type ExportOptions = Required<Export>;
export type Box = Segment["box"];
export type Point = Segment["at"];

/** What becomes of a coloured line: paint replaces it, or it stays as drawn; ids are from 1 on. */
export const PAINTED_OVER = -2;
export const AS_DRAWN = -1;

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
  get<Matches>(`/api/cels/${cel}/match?label=${label}`);
export const getSame = (cel: number, shape: number, label: number) =>
  get<Same>(`/api/cels/${cel}/same?label=${label}&shape=${shape}`);
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

// Versions begin again with the server: what an earlier one sent must not be taken from the cache.
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
