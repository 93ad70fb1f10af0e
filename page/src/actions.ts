import { batch } from "@preact/signals";
import { type Action, ApiError, getProject, type Item, postAction, type Project } from "./api";
import { forgetCel, showLocked, showPainted } from "./cels/pictures";
import { connected, pending, project, tell } from "./state";
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
      return false;
    }
  });
  queue = sent;
  return sent;
}

/** Paint segments: on the canvas at once, then on the server. */
export function paint(items: Item[], color: number): Promise<boolean> {
  for (const { cel, labels } of items) showPainted(cel, labels, color);
  return send({ kind: "paint", items, color });
}

/** Lock segments with the color they have. */
export function accept(items: Item[]): Promise<boolean> {
  for (const { cel, labels } of items) showLocked(cel, labels);
  return send({ kind: "accept", items });
}

/** Group single segments by cel, as actions want them. */
export function itemsOf(spots: { cel: number; label: number }[]): Item[] {
  const labels = Map.groupBy(spots, (spot) => spot.cel);
  return [...labels].map(([cel, group]) => ({ cel, labels: group.map((spot) => spot.label) }));
}
