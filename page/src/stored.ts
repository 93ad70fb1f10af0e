import { effect, signal, type Signal } from "@preact/signals";

/** A signal whose value the browser keeps for the next visit; of `allowed` values if given. */
export function stored<T>(name: string, initial: T, allowed?: readonly T[]): Signal<T> {
  const key = `shiage.${name}`;
  let start = initial;
  try {
    const text = localStorage.getItem(key);
    const kept = text === null ? initial : (JSON.parse(text) as T);
    // What another version of the page has kept may not fit here.
    const known = allowed ? allowed.includes(kept) : kept !== null && typeof kept === typeof initial;
    if (known) start = kept;
  } catch {
    // Storage forbidden or garbled: begin again.
  }
  const value = signal(start);
  effect(() => {
    const text = JSON.stringify(value.value);
    try {
      localStorage.setItem(key, text);
    } catch {
      // Forbidden or full: the choice then lasts as long as the page.
    }
  });
  return value;
}
