import { effect, signal, type Signal } from "@preact/signals";

/** A signal whose value the browser keeps for the next visit. */
export function stored<T>(name: string, initial: T): Signal<T> {
  const key = `shiage.${name}`;
  let start = initial;
  try {
    const text = localStorage.getItem(key);
    if (text !== null) start = JSON.parse(text) as T;
  } catch {
    // Storage forbidden or garbled: begin anew.
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
