import { computed, effect, signal } from "@preact/signals";
import { stored } from "./stored";

const system = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(system.matches);
system.addEventListener("change", () => (systemDark.value = system.matches));

/** null: as the system has it. */
const chosen = stored<"dark" | "light" | null>("theme", null, ["dark", "light", null]);

export const dark = computed(() => (chosen.value ? chosen.value === "dark" : systemDark.value));

/** Change between light and dark. */
export function toggleTheme(): void {
  chosen.value = dark.value ? "light" : "dark";
}

effect(() => {
  document.documentElement.dataset["theme"] = dark.value ? "dark" : "light";
});
