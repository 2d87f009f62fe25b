// Whether the server responds. After a request without a response the server is polled until it responds
// again; `whenBack` then resolves.
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
  clearTimeout(timer);
  timer = undefined;
  try {
    // An error (502) may come from a proxy and does not mean that the server is back.
    const answer = await fetch('/livez', { cache: 'no-store' });
    if (answer.ok) return heardFromServer();
  } catch {
    // Still unreachable.
  }
  serverUnreachable();
}

/** Resolves at once if the server is responding, otherwise as soon as it responds again. */
export function whenBack(): Promise<void> {
  if (connection.value === 'online') return Promise.resolve();
  return new Promise((resolve) => waiting.push(resolve));
}

window.addEventListener('online', () => {
  if (connection.value !== 'online') void ask();
});
window.addEventListener('offline', serverUnreachable);
