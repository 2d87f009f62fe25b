// Time that passes only when a test says so. Replaces setTimeout and clearTimeout.

interface Timer {
  id: number;
  at: number;
  run: () => void;
}

const realTimeout = globalThis.setTimeout;
const realClear = globalThis.clearTimeout;
/** More turns than any chain of promises in a test has links. */
const TURNS = 12;

let now = 0;
let next = 1;
let timers: Timer[] = [];

export function useClock() {
  now = 0;
  timers = [];
  Object.assign(globalThis, {
    setTimeout: (run: () => void, milliseconds = 0) => {
      timers.push({ id: next, at: now + milliseconds, run });
      return next++;
    },
    clearTimeout: (id: number | undefined) => {
      timers = timers.filter((timer) => timer.id !== id);
    },
  });
}

export function restoreClock() {
  Object.assign(globalThis, { setTimeout: realTimeout, clearTimeout: realClear });
}

/** Lets everything happen that does not wait for time. */
export async function settle() {
  for (let turn = 0; turn < TURNS; turn += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

export async function advance(milliseconds: number) {
  const end = now + milliseconds;
  for (;;) {
    await settle();
    const due = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at || a.id - b.id)[0];
    if (!due) break;
    timers = timers.filter((timer) => timer !== due);
    now = Math.max(now, due.at);
    due.run();
  }
  now = end;
}

/** How many timers are waiting. */
export const waitingTimers = () => timers.length;
