// Numbers, times and messages as people write them.
import { texts } from '../texts';

const UNITS = ['B', 'kB', 'MB', 'GB'];

export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (Math.round(value) >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 99.95 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

export function formatDuration(seconds: number): string {
  if (seconds < 59.5) return texts.time.seconds(Math.max(1, Math.round(seconds)));
  if (seconds < 5400) return texts.time.minutes(Math.round(seconds / 60));
  return texts.time.hours(Math.round(seconds / 3600));
}

const relative = new Intl.RelativeTimeFormat(texts.locale, { numeric: 'auto' });
const day = new Intl.DateTimeFormat(texts.locale, { dateStyle: 'medium' });
const full = new Intl.DateTimeFormat(texts.locale, { dateStyle: 'medium', timeStyle: 'short' });

export function formatAgo(time: string, now = Date.now()): string {
  const seconds = (Date.parse(time) - now) / 1000;
  if (seconds > -60) return texts.time.justNow;
  if (seconds > -3600) return relative.format(Math.round(seconds / 60), 'minute');
  if (seconds > -86_400) return relative.format(Math.round(seconds / 3600), 'hour');
  if (seconds > -6 * 86_400) return relative.format(Math.round(seconds / 86_400), 'day');
  return day.format(Date.parse(time));
}

export function formatTime(time: string): string {
  return full.format(Date.parse(time));
}

export function formatNumber(value: number): string {
  return value.toLocaleString(texts.locale);
}

export function formatRate(pagesPerMinute: number): string {
  const value = pagesPerMinute >= 10 ? Math.round(pagesPerMinute) : Number(pagesPerMinute.toFixed(1));
  return texts.job.rate(formatNumber(value));
}

/** "the disk is full" as "The disk is full."; a first word that is code (snake_case, a.b) keeps its case. */
export function asSentence(message: string): string {
  const text = message.trim();
  const [first = ''] = text.split(/\s/, 1);
  const begin = /^\p{Ll}[\p{Ll}'’-]*[,;:]?$/u.test(first) ? text.charAt(0).toUpperCase() : text.charAt(0);
  const end = text === '' || /[.!?…]["”’)]?$/.test(text) ? '' : '.';
  return begin + text.slice(1) + end;
}

export function languageName(code: string): string {
  return texts.languages[code as keyof typeof texts.languages] ?? code;
}
