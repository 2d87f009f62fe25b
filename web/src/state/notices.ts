// Short messages at the bottom of the screen, some with a button.
import { signal } from '@preact/signals';
import { ProblemError } from '../api/client';

export interface Notice {
  id: number;
  kind: 'said' | 'error';
  text: string;
  hint?: string | undefined;
  action?: { label: string; run: () => void } | undefined;
}

export const notices = signal<Notice[]>([]);
let next = 1;

export function dismiss(id: number) {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** Returns the notice's id. With `milliseconds` 0 it stays until it is dismissed. */
export function say(notice: Omit<Notice, 'id'>, milliseconds = 6000): number {
  const id = next++;
  notices.value = [...notices.value.slice(-3), { ...notice, id }];
  if (milliseconds > 0) setTimeout(() => dismiss(id), milliseconds);
  return id;
}

export function sayError(error: unknown) {
  const text = error instanceof Error ? error.message : String(error);
  const hint = error instanceof ProblemError ? error.problem.hint : undefined;
  say({ kind: 'error', text, hint }, 12_000);
}
