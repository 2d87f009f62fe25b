// Stand-ins for what the logic uses of a browser. Import this module before the code under test.
import { File as NodeFile } from 'node:buffer';
import { webcrypto } from 'node:crypto';

class MemoryStorage {
  private values = new Map<string, string>();
  /** As in a browser that is out of space. */
  full = false;
  getItem = (key: string) => this.values.get(key) ?? null;
  setItem = (key: string, value: string) => {
    if (this.full) throw new DOMException('no space', 'QuotaExceededError');
    this.values.set(key, String(value));
  };
  removeItem = (key: string) => void this.values.delete(key);
  clear = () => {
    this.values.clear();
    this.full = false;
  };
}

class Page extends EventTarget {
  hidden = false;
  title = '';
}

const windowEvents = new EventTarget();
export const storage = new MemoryStorage();
export const page = new Page();
export const place = { origin: 'http://localhost', pathname: '/', search: '', href: 'http://localhost/' };
export const network = { onLine: true };
/** What was done to the history, and scrolls. */
export const visits: string[] = [];

function define(name: string, value: unknown) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

function visit(how: string) {
  return (_state: unknown, _title: string, path: string) => {
    visits.push(`${how} ${path}`);
    const url = new URL(path, place.origin);
    Object.assign(place, { pathname: url.pathname, search: url.search, href: url.href });
  };
}

define('window', globalThis);
define('addEventListener', windowEvents.addEventListener.bind(windowEvents));
define('removeEventListener', windowEvents.removeEventListener.bind(windowEvents));
define('document', page);
define('location', place);
define('history', { pushState: visit('push'), replaceState: visit('replace') });
define('navigator', network);
define('localStorage', storage);
define('matchMedia', () => ({ matches: false, addEventListener: () => undefined }));
define('scrollTo', () => visits.push('scroll to top'));
if (!('File' in globalThis)) define('File', NodeFile);
if (!('crypto' in globalThis)) define('crypto', webcrypto);

/** Fires an event on the window. */
export function fire(type: string) {
  windowEvents.dispatchEvent(new Event(type));
}
