// A file on its way to the server.
//
// waiting → sending → opening → done
//                  ↘ password (the document is encrypted) → opening
//                  ↘ failed (may be tried again)
// lost: the page was loaded anew and the browser no longer has the file; it must be chosen again.
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
  /** Where the server keeps a resumable upload; null before it has begun and for small files. */
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
