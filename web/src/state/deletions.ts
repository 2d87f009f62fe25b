// Deletion with undo: a job is hidden at once and deleted a few seconds later, or when the user leaves the
// page.
import { signal } from '@preact/signals';
import { client } from '../api/client';
import { texts } from '../texts';
import { dismiss, say, sayError } from './notices';

const UNDO_MS = 6000;

export const hidden = signal<ReadonlySet<string>>(new Set());
const pending = new Map<string, { timer: number; notice: number }>();

function setHidden(id: string, isHidden: boolean) {
  const changed = new Set(hidden.value);
  if (isHidden) changed.add(id);
  else changed.delete(id);
  hidden.value = changed;
}

function undo(id: string) {
  const found = pending.get(id);
  if (!found) return;
  clearTimeout(found.timer);
  dismiss(found.notice);
  pending.delete(id);
  setHidden(id, false);
}

async function carryOut(id: string, leaving: boolean) {
  pending.delete(id);
  try {
    await client.deleteJob(id, leaving);
  } catch (error) {
    setHidden(id, false);
    sayError(error);
  }
}

export function deleteWithUndo(id: string, name: string) {
  if (pending.has(id)) return;
  setHidden(id, true);
  const notice = say(
    {
      kind: 'said',
      text: texts.deletion.done(name),
      action: { label: texts.deletion.undo, run: () => undo(id) },
    },
    UNDO_MS,
  );
  const timer = window.setTimeout(() => void carryOut(id, false), UNDO_MS);
  pending.set(id, { timer, notice });
}

window.addEventListener('pagehide', () => {
  for (const [id, { timer }] of [...pending]) {
    clearTimeout(timer);
    void carryOut(id, true);
  }
});
