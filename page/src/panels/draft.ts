import { useSignal } from "@preact/signals";

/** A value that is being entered: what the server tells meanwhile does not take it away. */
export function useDraft<T>(saved: T) {
  const draft = useSignal<T | null>(null);
  return {
    value: draft.value ?? saved,
    enter: (value: T) => (draft.value = value),
    leave: () => (draft.value = null),
  };
}
