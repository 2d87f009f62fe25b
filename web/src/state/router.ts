// URLs of the screens. Links are ordinary <a> elements whose clicks are handled here.
import { signal } from '@preact/signals';

export type Route =
  | { screen: 'documents' }
  | { screen: 'document'; job: string; page: number | null }
  | { screen: 'docs' }
  | { screen: 'sign_in' }
  | { screen: 'not_found' };

export const paths = {
  documents: '/',
  docs: '/docs',
  document: (job: string) => `/jobs/${job}`,
  page: (job: string, page: number) => `/jobs/${job}/pages/${page}`,
};

export function parsePath(path: string): Route {
  if (path === '/') return { screen: 'documents' };
  if (path === '/docs') return { screen: 'docs' };
  if (path === '/login') return { screen: 'sign_in' };
  const found = /^\/jobs\/([0-9a-zA-Z-]+)(?:\/pages\/([1-9][0-9]*))?\/?$/.exec(path);
  if (!found?.[1]) return { screen: 'not_found' };
  return { screen: 'document', job: found[1], page: found[2] ? Number(found[2]) : null };
}

export const route = signal<Route>(parsePath(location.pathname));

export function go(path: string, how: 'push' | 'replace' = 'push') {
  if (path !== location.pathname + location.search) {
    if (how === 'push') history.pushState(null, '', path);
    else history.replaceState(null, '', path);
  }
  const before = route.value;
  route.value = parsePath(location.pathname);
  if (how === 'push' && before.screen !== route.value.screen) window.scrollTo(0, 0);
}

function isOurs(link: HTMLAnchorElement, event: MouseEvent): boolean {
  if (event.defaultPrevented || event.button !== 0) return false;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return false;
  if (link.target || link.hasAttribute('download') || link.origin !== location.origin) return false;
  if (link.hash && link.pathname === location.pathname) return false;
  return parsePath(link.pathname).screen !== 'not_found';
}

export function listenForLinks() {
  document.addEventListener('click', (event) => {
    const link = (event.target as Element | null)?.closest?.('a');
    if (!link || !isOurs(link, event)) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
  window.addEventListener('popstate', () => (route.value = parsePath(location.pathname)));
}
