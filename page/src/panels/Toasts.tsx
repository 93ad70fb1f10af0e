import { dismiss, toasts } from "../state";
import { t } from "../words";
import { Button } from "./controls";

/** Messages that stand in no one's way; of many the newest, at the bottom, is in sight. */
export function Toasts() {
  return (
    <div class="toasts" aria-live="polite" data-testid="toasts">
      {[...toasts.value].reverse().map(({ id, kind, text }) => (
        <div key={id} class={`toast ${kind}`} role={kind === "error" ? "alert" : undefined}>
          <span>{text}</span>
          <Button icon="dismiss" label={t("dismiss")} onPress={() => dismiss(id)} />
        </div>
      ))}
    </div>
  );
}
