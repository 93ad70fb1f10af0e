import { useSignal } from "@preact/signals";
import { type Command, commands, keyChanges, showKey } from "../keys/commands";
import { conflict, keyName, rebind } from "../keys/keymap";
import { Button, Dialog } from "../panels/controls";
import { dialog } from "../state";
import { named, t } from "../words";

const GROUPS = ["tools", "fix", "doubts", "look", "palette"] as const;
const MODIFIERS = ["Shift", "Control", "Alt", "Meta"];

interface Change {
  command: Command;
  old: string | undefined;
  /** A key pressed that another command has. */
  taken?: { key: string; by: Command };
}

/** All keys, to look up and to change. */
export function KeysDialog() {
  const change = useSignal<Change | null>(null);

  const set = (key: string) => {
    const { command, old } = change.value!;
    keyChanges.value = rebind(commands.value, keyChanges.value, command.id, old, key);
    change.value = null;
  };

  const press = (event: KeyboardEvent) => {
    const now = change.value;
    if (!now || now.taken || MODIFIERS.includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape" || event.key === "Tab") {
      change.value = null;
      return;
    }
    const key = keyName(event);
    const by = conflict(commands.value, now.command.id, key);
    if (by) change.value = { ...now, taken: { key, by } };
    else set(key);
  };

  return (
    <Dialog
      title={t("keys")}
      testid="keys-dialog"
      wide
      buttons={
        <>
          <Button label={t("resetKeys")} testid="keys-reset" onPress={() => (keyChanges.value = {})} />
          <Button label={t("close")} primary onPress={() => (dialog.value = null)} />
        </>
      }
    >
      <p class="quiet">{t("keysHelp")}</p>
      {change.value?.taken && (
        <p class="warning" role="alert" data-testid="key-conflict">
          {t("keyTaken", {
            key: showKey(change.value.taken.key),
            other: t(change.value.taken.by.word, change.value.taken.by.values),
          })}{" "}
          <Button label={t("takeKey")} testid="key-take" onPress={() => set(change.value!.taken!.key)} />
          <Button label={t("cancel")} onPress={() => (change.value = null)} />
        </p>
      )}
      <div class="keymap" onKeyDown={press}>
        {GROUPS.map((group) => (
          <section key={group}>
            <h3>{named("group", group)}</h3>
            {commands.value
              .filter((command) => command.group === group)
              .map((command) => (
                <Row key={command.id} command={command} change={change} />
              ))}
          </section>
        ))}
      </div>
      <p class="quiet">{t("fixedKeys")}</p>
    </Dialog>
  );
}

function Row(props: { command: Command; change: { value: Change | null } }) {
  const { command, change } = props;
  const begin = (old: string | undefined) => (change.value = { command, old });
  const open = (old: string | undefined) =>
    change.value?.command.id === command.id && change.value.old === old && !change.value.taken;
  return (
    <div class="binding">
      <span>{t(command.word, command.values)}</span>
      {command.keys.map((key) => (
        <button key={key} type="button" data-testid={`key-${command.id}`} onClick={() => begin(key)}>
          <kbd>{open(key) ? t("pressKey") : showKey(key)}</kbd>
        </button>
      ))}
      {command.keys.length === 0 && (
        <button
          type="button"
          title={t("addKey")}
          aria-label={t("addKey")}
          data-testid={`key-${command.id}`}
          onClick={() => begin(undefined)}
        >
          <kbd>{open(undefined) ? t("pressKey") : "+"}</kbd>
        </button>
      )}
    </div>
  );
}
