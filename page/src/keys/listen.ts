import { focusedDoubt } from "../doubts/walk";
import { toolUse } from "../canvas/pointer";
import { dialog, lentTool, project, tool } from "../state";
import { commands } from "./commands";
import { keyName, lookUp, wasHeld } from "./keymap";

/** A tool's key that is down. */
let held: { code: string; at: number; uses: number } | null = null;

/** Whether the focused element wants this key for itself. */
function wantsKey(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement && target.type !== "range" && target.type !== "checkbox") {
    return true;
  }
  if (target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement) return true;
  if (target instanceof HTMLInputElement) return /^Arrow|^Home|^End|^Space/.test(key);
  return target instanceof HTMLButtonElement && (key === "Enter" || key === "Space");
}

function keyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  const key = keyName(event);
  if (dialog.value || !project.value?.started || wantsKey(event.target, key)) return;
  if (key === "Space") {
    event.preventDefault();
    lentTool.value = "hand";
    return;
  }
  const command = lookUp(commands.value, key, focusedDoubt.value !== null);
  if (!command) return;
  event.preventDefault();
  if (command.tool === undefined) command.run();
  else if (!event.repeat) {
    held = { code: event.code, at: event.timeStamp, uses: toolUse.count };
    lentTool.value = command.tool;
  }
}

function keyUp(event: KeyboardEvent): void {
  if (event.code === "Space") lentTool.value = null;
  if (!held || event.code !== held.code) return;
  const { at, uses } = held;
  if (lentTool.value && !wasHeld(at, event.timeStamp, toolUse.count > uses)) {
    tool.value = lentTool.value;
  }
  held = null;
  lentTool.value = null;
}

/**
 * A button pressed with the mouse keeps no focus: the next Enter means "accept", not that button
 * again. Those who reach it with the Tab key keep it.
 */
function keepFocus(event: MouseEvent): void {
  const target = event.target instanceof Element ? event.target.closest("button") : null;
  if (target && !target.closest("dialog")) event.preventDefault();
}

/** Listen to the keyboard for as long as the page is open. */
export function listenToKeys(): void {
  addEventListener("keydown", keyDown);
  addEventListener("keyup", keyUp);
  addEventListener("mousedown", keepFocus);
  addEventListener("blur", () => {
    held = null;
    lentTool.value = null;
  });
}
