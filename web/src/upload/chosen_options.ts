// The OCR options for the next uploads. Languages, mode and formats are remembered; the page range is not.
import { signal } from '@preact/signals';
import type { SubmitOptions } from '../api/types';

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

function stored(): ChosenOptions {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<ChosenOptions>;
    return { ...DEFAULTS, ...found, pages: '' };
  } catch {
    return DEFAULTS;
  }
}

export const chosen = signal<ChosenOptions>(stored());

export function choose(change: Partial<ChosenOptions>) {
  chosen.value = { ...chosen.value, ...change };
  localStorage.setItem(KEY, JSON.stringify(chosen.value));
}

const RANGES = /^\s*(\d+|\d+\s*-|-\s*\d+|\d+\s*-\s*\d+)(\s*,\s*(\d+|\d+\s*-|-\s*\d+|\d+\s*-\s*\d+))*\s*$/;

export function pagesAreWell(pages: string): boolean {
  return pages.trim() === '' || RANGES.test(pages);
}

/** In the server's format, without languages that are no longer installed. */
export function submitOptions(installed: string[] | null): SubmitOptions {
  const { languages, mode, pages, formats } = chosen.value;
  const there = installed ? languages.filter((name) => installed.includes(name)) : languages;
  const first = installed?.includes('eng') ? 'eng' : installed?.[0];
  const lang = there.length > 0 ? there.join('+') : first;
  return {
    ...(lang ? { lang } : {}),
    mode,
    ...(formats.length > 0 ? { formats: formats.join(',') } : {}),
    ...(pages.trim() && pagesAreWell(pages) ? { pages: pages.replace(/\s+/g, '') } : {}),
  };
}
