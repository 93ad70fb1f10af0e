import { dismiss, toasts } from "../state";
import { t } from "../words";
import { Button } from "./controls";

/** Messages that stand in no one's way. */
export function Toasts() {
  return (
    <div class="toasts" aria-live="polite" data-testid="toasts">
      {toasts.value.map(({ id, kind, text }) => (
        <div key={id} class={`toast ${kind}`} role={kind === "error" ? "alert" : undefined}>
          <span>{text}</span>
          <Button icon="dismiss" label={t("dismiss")} onPress={() => dismiss(id)} />
        </div>
      ))}
    </div>
  );
}
