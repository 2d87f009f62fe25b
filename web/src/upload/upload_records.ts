// Records of unfinished resumable uploads that survive a reload. They never contain a password.
import { readStored, store } from '../base/storage';
import type { SubmitOptions } from '../api/types';
import type { UploadItem } from './upload_item';

export interface UploadRecord {
  id: string;
  name: string;
  size: number;
  options: SubmitOptions;
  url: string | null;
}

const KEY = 'gnosis.uploads';

export function readRecords(): UploadRecord[] {
  try {
    const found: unknown = JSON.parse(readStored(KEY) ?? '[]');
    return Array.isArray(found) ? (found as UploadRecord[]) : [];
  } catch {
    return [];
  }
}

function write(records: UploadRecord[]) {
  store(KEY, JSON.stringify(records));
}

export function remember(item: UploadItem) {
  const { password: _, ...options } = item.options;
  const record = { id: item.id, name: item.name, size: item.size, options, url: item.url };
  write([...readRecords().filter((other) => other.id !== item.id), record]);
}

export function forget(id: string) {
  write(readRecords().filter((record) => record.id !== id));
}
