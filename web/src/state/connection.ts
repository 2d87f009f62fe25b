// Whether the server answers: `online` until a request gets no answer; then the server is asked every
// few seconds, and whoever waits in `whenBack` goes on when it answers.
import { signal } from '@preact/signals';

export type Connection = 'online' | 'offline' | 'server_away';

export const connection = signal<Connection>('online');

const RETRY_MS = 1500;
let timer: number | undefined;
let waiting: (() => void)[] = [];

export function heardFromServer() {
  if (connection.value === 'online' && waiting.length === 0) return;
  connection.value = 'online';
  clearTimeout(timer);
  timer = undefined;
  const told = waiting;
  waiting = [];
  for (const tell of told) tell();
}

export function serverUnreachable() {
  connection.value = navigator.onLine ? 'server_away' : 'offline';
  timer ??= window.setTimeout(ask, RETRY_MS);
}

async function ask() {
  timer = undefined;
  try {
    // Behind a proxy an answer of its own (502) is no answer of the server.
    const answer = await fetch('/livez', { cache: 'no-store' });
    if (answer.ok) return heardFromServer();
  } catch {
    // Still away.
  }
  serverUnreachable();
}

/** Resolves at once while the server answers, else when it answers again. */
export function whenBack(): Promise<void> {
  if (connection.value === 'online') return Promise.resolve();
  return new Promise((resolve) => waiting.push(resolve));
}

window.addEventListener('online', () => {
  if (connection.value !== 'online') void ask();
});
window.addEventListener('offline', serverUnreachable);
