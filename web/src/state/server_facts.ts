// The server's languages, formats and limits, loaded once.
import { signal } from '@preact/signals';
import { client } from '../api/client';
import type { Engines, Limits } from '../api/types';

export const languages = signal<string[] | null>(null);
export const engines = signal<Engines | null>(null);
export const serverLimits = signal<Limits | null>(null);

export async function loadFacts() {
  try {
    [languages.value, engines.value, serverLimits.value] = await Promise.all([
      client.languages(),
      client.engines(),
      client.limits(),
    ]);
  } catch {
    // The OCR options are then not offered. The next load of the page tries again.
  }
}
