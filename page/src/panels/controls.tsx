import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { withKey } from "../keys/commands";
import { dialog } from "../state";
import { t } from "../words";
import { Icon, type IconName } from "./icons";

interface ButtonProps {
  icon?: IconName;
  label: string;
  /** The command whose key the tooltip tells. */
  command?: string;
  /** Whether the label stands beside the icon. */
  wide?: boolean;
  title?: string;
  pressed?: boolean;
  disabled?: boolean;
  testid?: string;
  primary?: boolean;
  onPress: () => void;
}

/** A button with an icon, a label, or both. */
export function Button(props: ButtonProps) {
  const tip = props.title ?? props.label;
  return (
    <button
      type="button"
      class={props.primary ? "primary" : undefined}
      title={props.command ? withKey(tip, props.command) : tip}
      aria-label={props.label}
      aria-pressed={props.pressed}
      disabled={props.disabled}
      data-testid={props.testid}
      onClick={props.onPress}
    >
      {props.icon && <Icon name={props.icon} />}
      {(props.wide || !props.icon) && <span>{props.label}</span>}
    </button>
  );
}

/** A choice among a few values. */
export function Choice<T extends string | number>(props: {
  label: string;
  value: T;
  values: readonly T[];
  text: (value: T) => string;
  testid?: string;
  choose: (value: T) => void;
}) {
  return (
    <select
      title={props.label}
      aria-label={props.label}
      data-testid={props.testid}
      value={props.value}
      onChange={({ currentTarget }) => {
        props.choose(props.values[currentTarget.selectedIndex]!);
        // Chosen with the mouse: give the keyboard back to the canvas.
        if (!currentTarget.matches(":focus-visible")) currentTarget.blur();
      }}
    >
      {props.values.map((value) => (
        <option key={value} value={value}>
          {props.text(value)}
        </option>
      ))}
    </select>
  );
}

/** A labeled checkbox. */
export function Check(props: {
  label: ComponentChildren;
  on: boolean;
  testid?: string;
  disabled?: boolean;
  change: (on: boolean) => void;
}) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={props.on}
        disabled={props.disabled}
        data-testid={props.testid}
        onChange={({ currentTarget }) => props.change(currentTarget.checked)}
      />
      <span>{props.label}</span>
    </label>
  );
}

/** A modal dialog; the browser keeps the focus inside and gives it back afterwards. */
export function Dialog(props: {
  title: string;
  testid: string;
  wide?: boolean;
  children: ComponentChildren;
  /** What stands at the bottom, right. */
  buttons: ComponentChildren;
  submit?: () => void;
}) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    element.current!.showModal();
    // The attribute autofocus would do it, too, but complains where something has the focus already.
    element.current!.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={props.wide ? "wide" : undefined}
      aria-label={props.title}
      data-testid={props.testid}
      onCancel={() => (dialog.value = null)}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          props.submit?.();
        }}
      >
        <header>
          <h2>{props.title}</h2>
        </header>
        <div class="body">{props.children}</div>
        <footer>{props.buttons}</footer>
        {/* Last, so that the focus begins at what the dialog is about. */}
        <div class="corner">
          <Button icon="dismiss" label={t("close")} onPress={() => (dialog.value = null)} />
        </div>
      </form>
    </dialog>
  );
}
