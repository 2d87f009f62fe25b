// A file that is being uploaded.
//
// waiting → sending → opening → done
//                  ↘ password (the document is encrypted) → opening
//                  ↘ failed (can be retried)
// lost: the page was reloaded and the browser no longer has the file; the user must choose it again.
import { signal } from '@preact/signals';
import type { Problem, SubmitOptions } from '../api/types';

export type UploadState =
  | 'waiting'
  | 'sending'
  | 'opening'
  | 'password'
  | 'failed'
  | 'lost'
  | 'done';

export interface UploadItem {
  id: string;
  name: string;
  size: number;
  file: File | null;
  options: SubmitOptions;
  state: UploadState;
  sentBytes: number;
  /** The URL of a resumable upload; null before it has started and for small files. */
  url: string | null;
  problem: Problem | null;
  passwordWasWrong: boolean;
  jobId: string | null;
}

export const uploads = signal<readonly UploadItem[]>([]);

export function findUpload(id: string): UploadItem | undefined {
  return uploads.value.find((item) => item.id === id);
}

export function addUpload(item: UploadItem) {
  uploads.value = [...uploads.value, item];
}

export function changeUpload(id: string, change: Partial<UploadItem>) {
  uploads.value = uploads.value.map((item) => (item.id === id ? { ...item, ...change } : item));
}

export function removeUpload(id: string) {
  uploads.value = uploads.value.filter((item) => item.id !== id);
}
