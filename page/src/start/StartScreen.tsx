import { signal, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { adopt, complain } from "../actions";
import { postStart } from "../api";
import { Button } from "../panels/controls";
import { project, tell } from "../state";
import { language, t } from "../words";
import {
  asReferences,
  countOthers,
  type Dropped,
  fromDrop,
  fromInput,
  isPicture,
  withoutRoot,
} from "./collect";

const drawings = signal<Dropped[]>([]);
const references = signal<Dropped[]>([]);
const name = signal("");
/** How much has been sent, 0..1; null: not sending. */
const sent = signal<number | null>(null);

/** The pictures among dropped files; the others are told. */
function pick(dropped: Dropped[]): Dropped[] {
  const read = project.value?.formats ?? [];
  const formats = read.map(({ name }) => name).join(", ");
  const pictures = dropped.filter(({ path }) => isPicture(path, read));
  const others = countOthers(dropped, read);
  if (pictures.length === 0) tell(t("noPictures", { formats }), "error");
  else if (others) tell(t("passedOver", { others, formats }), "error");
  return pictures;
}

function takeDrawings(dropped: Dropped[]): void {
  const pictures = pick(dropped);
  if (pictures.length === 0) return;
  const { root, files } = withoutRoot(pictures);
  drawings.value = [...drawings.value, ...files];
  name.value ||= root;
}

function takeReferences(dropped: Dropped[]): void {
  const pictures = pick(dropped);
  if (pictures.length === 0) return;
  references.value = [...references.value, ...asReferences(pictures)];
}

async function start(): Promise<void> {
  sent.value = 0;
  try {
    const files = [...drawings.value, ...references.value];
    adopt(await postStart(files, name.value || "cut", (share) => (sent.value = share)));
  } catch (error) {
    complain(error);
  }
  sent.value = null;
}

/** What is shown before a cut is open: drop drawings, and colored references if there are any. */
export function StartScreen() {
  return (
    <main class="start">
      <h1>仕上げ shiage</h1>
      <p>{t("startTitle")}</p>
      <div class="zones">
        <Zone
          testid="drop-drawings"
          title={t("dropDrawings")}
          count={drawings.value.length ? t("drawingsCount", { count: drawings.value.length }) : ""}
          take={takeDrawings}
        />
        <Zone
          testid="drop-references"
          title={t("dropReferences")}
          count={
            references.value.length ? t("referencesCount", { count: references.value.length }) : ""
          }
          take={takeReferences}
        />
      </div>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <input
          type="text"
          aria-label={t("cutName")}
          placeholder={t("cutName")}
          value={name.value}
          maxLength={80}
          data-testid="start-name"
          onInput={({ currentTarget }) => (name.value = currentTarget.value)}
        />
        <button
          type="submit"
          class="primary"
          disabled={drawings.value.length === 0 || sent.value !== null}
          data-testid="start"
        >
          {sent.value === null
            ? t("start")
            : t("uploading", { percent: Math.round(100 * sent.value) })}
        </button>
        <Button
          label={t("clear")}
          disabled={sent.value !== null}
          onPress={() => {
            drawings.value = [];
            references.value = [];
          }}
        />
        <Button
          label={t("language")}
          testid="lang-switch"
          onPress={() => (language.value = language.value === "en" ? "ja" : "en")}
        />
      </form>
      {sent.value !== null && <progress max={1} value={sent.value} />}
    </main>
  );
}

interface ZoneProps {
  testid: string;
  title: string;
  count: string;
  take: (files: Dropped[]) => void;
}

function Zone({ testid, title, count, take }: ZoneProps) {
  const over = useSignal(false);
  return (
    <section
      class={`zone ${over.value ? "over" : ""}`}
      data-testid={testid}
      aria-label={title}
      onDragOver={(event) => {
        event.preventDefault();
        over.value = true;
      }}
      onDragLeave={() => (over.value = false)}
      onDrop={(event) => {
        event.preventDefault();
        over.value = false;
        if (event.dataTransfer) void fromDrop(event.dataTransfer).then(take, complain);
      }}
    >
      <h2>{title}</h2>
      <p class="count">{count}</p>
      <div class="row">
        <Chooser label={t("chooseFolder")} testid={`${testid}-folder`} folder take={take} />
        <Chooser label={t("chooseFiles")} testid={`${testid}-files`} take={take} />
      </div>
    </section>
  );
}

/** A button before the browser's own file input, which cannot be styled. */
function Chooser(props: {
  label: string;
  testid: string;
  folder?: boolean;
  take: (files: Dropped[]) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button label={props.label} onPress={() => input.current!.click()} />
      <input
        ref={input}
        type="file"
        multiple
        hidden
        {...(props.folder && { webkitdirectory: true })}
        data-testid={props.testid}
        onChange={({ currentTarget }) => {
          if (currentTarget.files) props.take(fromInput(currentTarget.files));
          currentTarget.value = "";
        }}
      />
    </>
  );
}
