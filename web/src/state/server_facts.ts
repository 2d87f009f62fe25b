// What this server can do: asked once, when the page is first used.
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
    // Without them the options are not offered; the next visit asks again.
  }
}
