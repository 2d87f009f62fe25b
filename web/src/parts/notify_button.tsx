// Requests a notification for when a document is done. Browsers offer this only on https and localhost.
import { signal } from '@preact/signals';
import type { Job } from '../api/types';
import { say } from '../state/notices';
import { texts } from '../texts';
import { Icon } from './icon';

const t = texts.job;
const wanted = signal<ReadonlySet<string>>(new Set());

/** Notifies once, if the user asked for it. */
export function notifyDone(job: Job) {
  if (!wanted.value.has(job.job_id)) return;
  wanted.value = new Set([...wanted.value].filter((id) => id !== job.job_id));
  const ready = job.status === 'completed' || job.status === 'completed_with_errors';
  new Notification((ready ? t.notifyReady : t.notifyStopped)(job.file_name), {
    body: `${t.states[job.status]} · ${t.pages(job.progress.total_pages)}`,
    tag: job.job_id,
  });
}

export function NotifyButton({ job }: { job: Job }) {
  const on = wanted.value.has(job.job_id);
  if (typeof Notification === 'undefined' || !window.isSecureContext) return null;
  const ask = async () => {
    if ((await Notification.requestPermission()) !== 'granted') {
      say({ kind: 'error', text: t.notifyDenied });
      return;
    }
    wanted.value = new Set([...wanted.value, job.job_id]);
  };
  return (
    <button type="button" class="button" aria-pressed={on} onClick={() => void ask()}>
      <Icon name="bell" />
      {on ? t.notifyOn : t.notify}
    </button>
  );
}
