import { batch } from "@preact/signals";
import { type Action, ApiError, getProject, type Item, postAction, type Project } from "./api";
import { forgetCel, showLocked, showPainted } from "./cels/pictures";
import { color, connected, pending, project, selection, type Spot, tell } from "./state";
import { t } from "./words";

/** Take a newer state from the server. */
export function adopt(next: Project): void {
  const now = project.value;
  if (now && next.version < now.version && next.started === now.started) return;
  // A cel that is as before stays the same object: the strip then has nothing to draw for it.
  const cels = next.cels.map((cel, i) => {
    const before = now?.cels[i];
    return before && JSON.stringify(before) === JSON.stringify(cel) ? before : cel;
  });
  if (now && next.palette_version !== now.palette_version) {
    // The color to paint with stays, by whatever id it is called now.
    const old = now.palette[color.value]?.color;
    color.value = next.palette.find((entry) => entry.color === old)?.id ?? 1;
  }
  project.value = { ...next, cels };
}

/** Ask the server for its state. */
export async function refresh(): Promise<void> {
  try {
    adopt(await getProject());
  } catch (error) {
    complain(error);
  }
}

/** Tell what went wrong and what to do. */
export function complain(error: unknown): void {
  if (error instanceof ApiError) {
    tell(error.status === 401 || error.status === 403 ? t("badToken") : error.message, "error");
  } else if (connected.value) {
    tell(t("noAnswer"), "error");
  }
}

let queue: Promise<unknown> = Promise.resolve();

/** Send a change; changes arrive in the order in which they were made. True if it was taken. */
export function send(action: Action): Promise<boolean> {
  pending.value++;
  const sent = queue.then(async () => {
    try {
      const next = await postAction(action);
      batch(() => {
        pending.value--;
        adopt(next);
      });
      return true;
    } catch (error) {
      pending.value--;
      complain(error);
      if ("items" in action) action.items.forEach(({ cel }) => forgetCel(cel));
      if (error instanceof ApiError && error.status === 409) {
        // It was about pictures that are others by now: so is what was selected in them.
        selection.value = [];
        await refresh();
      }
      return false;
    }
  });
  queue = sent;
  return sent;
}

/** Paint segments: on the canvas at once, then on the server. */
export function paint(items: Item[], color: number): Promise<boolean> {
  for (const { cel, labels } of items) showPainted(cel, labels, color);
  return send({ kind: "paint", items, color, palette_version: paletteVersion() });
}

/** Lock segments with the color they have. */
export function accept(items: Item[]): Promise<boolean> {
  for (const { cel, labels } of items) showLocked(cel, labels);
  return send({ kind: "accept", items });
}

/** The palette that is shown, for actions that name colors by id. */
export function paletteVersion(): number {
  return project.value?.palette_version ?? 0;
}

/** Group single segments by what was seen of their cels, as actions want them. */
export function itemsOf(spots: Spot[]): Item[] {
  const seen = Map.groupBy(spots, ({ cel, shape }) => `${cel}/${shape}`);
  return [...seen.values()].map((group) => ({
    cel: group[0]!.cel,
    shape: group[0]!.shape,
    labels: group.map((spot) => spot.label),
  }));
}
