// The OCR options for the next uploads. Languages, mode and formats are remembered; the page range is not.
import { signal } from '@preact/signals';
import type { SubmitOptions } from '../api/types';
import { readStored, store } from '../base/storage';

export interface ChosenOptions {
  languages: string[];
  mode: string;
  pages: string;
  formats: string[];
}

const KEY = 'gnosis.options';
const DEFAULTS: ChosenOptions = {
  languages: ['eng'],
  mode: 'auto',
  pages: '',
  formats: ['txt', 'json'],
};

const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string');

/** The stored options; a field that is missing or damaged has its default. */
export function readOptions(json: string | null): ChosenOptions {
  const found: Partial<Record<keyof ChosenOptions, unknown>> = {};
  try {
    Object.assign(found, JSON.parse(json ?? '{}'));
  } catch {
    // Damaged: all defaults.
  }
  const { languages, mode, formats } = found;
  return {
    languages: isNames(languages) && languages.length > 0 ? languages : DEFAULTS.languages,
    mode: typeof mode === 'string' ? mode : DEFAULTS.mode,
    pages: '',
    formats: isNames(formats) ? formats : DEFAULTS.formats,
  };
}

export const chosen = signal<ChosenOptions>(readOptions(readStored(KEY)));

export function choose(change: Partial<ChosenOptions>) {
  chosen.value = { ...chosen.value, ...change };
  store(KEY, JSON.stringify(chosen.value));
}

const MAX_RANGES = 1000;

function isRange(text: string): boolean {
  const found = /^(\d{1,9})?(?:\s*(-)\s*(\d{1,9})?)?$/.exec(text.trim());
  if (!found) return false;
  const [, first, dash, last] = found;
  if (!first && !last) return false;
  const from = Number(first ?? 1);
  const to = dash ? Number(last ?? Infinity) : from;
  return from >= 1 && to >= from;
}

/** Whether the server will accept the page range ("" is all pages). */
export function isPageRange(pages: string): boolean {
  if (pages.trim() === '') return true;
  const ranges = pages.split(',');
  return ranges.length <= MAX_RANGES && ranges.every(isRange);
}

/**
 * In the server's format, without languages that are no longer installed. Null if the page range is
 * invalid: uploading then would process pages that the user did not ask for.
 */
export function submitOptions(installed: string[] | null): SubmitOptions | null {
  const { languages, mode, pages, formats } = chosen.value;
  if (!isPageRange(pages)) return null;
  const there = installed ? languages.filter((name) => installed.includes(name)) : languages;
  const first = installed?.includes('eng') ? 'eng' : installed?.[0];
  const lang = there.length > 0 ? there.join('+') : first;
  return {
    ...(lang ? { lang } : {}),
    mode,
    ...(formats.length > 0 ? { formats: formats.join(',') } : {}),
    ...(pages.trim() ? { pages: pages.replace(/\s+/g, '') } : {}),
  };
}
