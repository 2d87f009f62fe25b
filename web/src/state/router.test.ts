import { page, place, visits } from '../testing/browser';
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { go, listenForLinks, parsePath, paths, route } from './router';

beforeEach(() => {
  go('/', 'replace');
  visits.length = 0;
});

test('paths and screens are inverse', () => {
  assert.deepEqual(parsePath(paths.documents), { screen: 'documents' });
  assert.deepEqual(parsePath(paths.docs), { screen: 'docs' });
  assert.deepEqual(parsePath('/login'), { screen: 'sign_in' });
  assert.deepEqual(parsePath(paths.document('0198-ab')), { screen: 'document', job: '0198-ab', page: null });
  assert.deepEqual(parsePath(paths.page('0198-ab', 12)), { screen: 'document', job: '0198-ab', page: 12 });
  assert.deepEqual(parsePath('/jobs/a/'), { screen: 'document', job: 'a', page: null });
});

test('anything else is not found', () => {
  for (const path of ['/x', '/jobs', '/jobs/', '/jobs/a/pages', '/jobs/a/pages/0', '/jobs/a/pages/01', '/jobs/a/pages/x', '/jobs/../etc', '/jobs/a b']) {
    assert.deepEqual(parsePath(path), { screen: 'not_found' }, path);
  }
});

test('a new screen starts at the top; a new page of the same document does not', () => {
  go('/jobs/a');
  go('/jobs/a/pages/2');
  assert.deepEqual(visits, ['push /jobs/a', 'scroll to top', 'push /jobs/a/pages/2']);
  assert.deepEqual(route.value, { screen: 'document', job: 'a', page: 2 });
});

test('the same path adds nothing to the history', () => {
  go('/jobs/a');
  visits.length = 0;
  go('/jobs/a');
  assert.deepEqual(visits, []);
});

interface FakeLink {
  origin: string;
  pathname: string;
  search: string;
  hash: string;
  target: string;
  hasAttribute: (name: string) => boolean;
}

/** Clicks a link; true if the page handled the click. */
function click(change: Partial<FakeLink> = {}, keys: object = {}): boolean {
  const link: FakeLink = {
    origin: place.origin,
    pathname: '/docs',
    search: '',
    hash: '',
    target: '',
    hasAttribute: () => false,
    ...change,
  };
  const event = new Event('click', { cancelable: true });
  Object.assign(event, { button: 0, ...keys });
  Object.defineProperty(event, 'target', { value: { closest: () => link } });
  page.dispatchEvent(event);
  return event.defaultPrevented;
}

test('a plain click on a link to a screen is handled here; all others are left to the browser', () => {
  listenForLinks();
  assert.ok(click());
  assert.equal(route.value.screen, 'docs');
  assert.equal(click({}, { ctrlKey: true }), false);
  assert.equal(click({}, { button: 1 }), false);
  assert.equal(click({ target: '_blank' }), false);
  assert.equal(click({ hasAttribute: (name) => name === 'download' }), false);
  assert.equal(click({ origin: 'http://elsewhere' }), false);
  assert.equal(click({ pathname: '/openapi.json' }), false);
  assert.equal(click({ hash: '#get-livez' }), false, 'a place on the same screen');
});
