import { type Change, openEvents } from "./api";
import { refresh } from "./actions";
import { forgetAll } from "./cels/pictures";
import { connected, project } from "./state";

const LOST_AFTER_MS = 2000;
const RETRY_MS = { first: 250, most: 5000 };

let wait = RETRY_MS.first;
let lost: ReturnType<typeof setTimeout> | undefined;
let asking = false;
let askAgain = false;

/** Follow the changes that the server tells of, made here or in another tab. */
export function follow(): void {
  const events = openEvents();
  events.onopen = () => {
    clearTimeout(lost);
    lost = undefined;
    wait = RETRY_MS.first;
    if (!connected.value) {
      // The server may have been started anew and count from the beginning.
      connected.value = true;
      forgetAll();
      if (project.value) project.value = { ...project.value, version: -1 };
      void catchUp();
    }
  };
  events.onmessage = (message) => hear(JSON.parse(String(message.data)) as Change);
  events.onclose = () => {
    lost ??= setTimeout(() => (connected.value = false), LOST_AFTER_MS);
    setTimeout(follow, wait);
    wait = Math.min(RETRY_MS.most, wait * 2);
  };
}

function hear(event: Change): void {
  const now = project.value;
  if (!now || event.version > now.version) void catchUp();
  else if (JSON.stringify(event.busy) !== JSON.stringify(now.busy)) {
    project.value = { ...now, busy: event.busy };
  }
}

/** One question at a time; what is heard meanwhile leads to one more. */
async function catchUp(): Promise<void> {
  askAgain = asking;
  if (asking) return;
  asking = true;
  await refresh();
  asking = false;
  if (askAgain) void catchUp();
}
