// Light or dark mode: the system setting until the user chooses.
import { signal } from '@preact/signals';
import { readStored, store } from '../base/storage';

export type Theme = 'system' | 'light' | 'dark';
const KEY = 'gnosis.theme';

function stored(): Theme {
  const found = readStored(KEY);
  return found === 'light' || found === 'dark' ? found : 'system';
}

export const theme = signal<Theme>(stored());

const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
const system = signal(systemIsDark.matches);
systemIsDark.addEventListener('change', () => (system.value = systemIsDark.matches));

export function applyTheme() {
  const root = document.documentElement;
  if (theme.value === 'system') root.removeAttribute('data-theme');
  else root.setAttribute('data-theme', theme.value);
}

export function isDark(): boolean {
  return theme.value === 'system' ? system.value : theme.value === 'dark';
}

export function switchTheme() {
  theme.value = isDark() ? 'light' : 'dark';
  store(KEY, theme.value);
  applyTheme();
}
