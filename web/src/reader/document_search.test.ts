import '../testing/browser';
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { settle, useClock } from '../testing/clock';
import { FakeServer, Later, problem } from '../testing/server';
import { DocumentSearch } from './document_search';

/** A job with a page range: its pages have gaps. */
const PAGES = [2, 4, 7, 9];
let server: FakeServer;
let search: DocumentSearch;
let text: string;

beforeEach(() => {
  useClock();
  text = 'The tide. The TIDE!\fno\fa tide\n\f';
  server = new FakeServer();
  server.on('GET /api/v1/jobs/a1/result', () => new Response(text));
  search = new DocumentSearch('a1');
});

const find = (query: string, revision = 1) => search.find(query, PAGES, revision);
const hits = () => search.hits.value.map(({ page, count }) => [page, count]);

test('hits are told by the numbers of the pages', async () => {
  await find(' Tide ');
  assert.deepEqual(hits(), [[2, 2], [7, 1]]);
  assert.equal(search.total, 3);
});

test('snippets show the text as it is written, around the first two hits', async () => {
  text = `${'x'.repeat(50)} Café ${'y'.repeat(50)} cafe cafe`;
  await find('CAFE');
  const { snippets, count } = search.hits.value[0] ?? { snippets: [], count: 0 };
  assert.equal(count, 3);
  assert.equal(snippets.length, 2);
  assert.deepEqual(snippets[0], [`${'x'.repeat(35)} `, 'Café', ` ${'y'.repeat(35)}`]);
});

test('snippets are right in text with accents of their own', async () => {
  text = 'e\u0301te\u0301 tide';
  await find('tide');
  assert.deepEqual(search.hits.value[0]?.snippets[0], ['été ', 'tide', '']);
});

test('the text is loaded once for a revision, and not for an empty query', async () => {
  await find('  ');
  assert.equal(server.calls.length, 0);
  await find('tide');
  await find('no');
  assert.equal(server.calls.length, 1);
  assert.deepEqual(hits(), [[4, 1]]);
  text = 'no\fno\fno\fno';
  await find('no', 2);
  assert.equal(server.calls.length, 2);
  assert.equal(search.total, 4);
});

test('queries that are typed while the text is loading wait for one response; the last one counts', async () => {
  const slow = new Later<Response>();
  server.on('GET /api/v1/jobs/a1/result', () => slow.promise);
  const found = [find('t'), find('ti'), find('tide')];
  await settle();
  assert.ok(search.loading.value);
  assert.equal(server.calls.length, 1);
  slow.resolve(new Response(text));
  await Promise.all(found);
  assert.deepEqual(hits(), [[2, 2], [7, 1]]);
  assert.equal(search.query.value, 'tide');
  assert.equal(search.loading.value, false);
});

test('a query that was cleared while the text is loading finds nothing afterwards', async () => {
  const slow = new Later<Response>();
  server.on('GET /api/v1/jobs/a1/result', () => slow.promise);
  const found = find('tide');
  await settle();
  await find('');
  slow.resolve(new Response(text));
  await found;
  assert.deepEqual(hits(), []);
});

test('an error is shown, and the next query tries again', async () => {
  server.on('GET /api/v1/jobs/a1/result', () => problem(500, 'internal'));
  await find('tide');
  assert.notEqual(search.error.value, null);
  assert.equal(search.loading.value, false);
  server.on('GET /api/v1/jobs/a1/result', () => new Response(text));
  await find('tide');
  assert.equal(search.error.value, null);
  assert.equal(search.total, 3);
});

test('next goes through all hits and starts over', async () => {
  await find('tide');
  const walk = [1, 1, 1, 1].map((by) => search.step(by as 1, null)).map((hit) => [hit?.page, hit?.nth]);
  assert.deepEqual(walk, [[2, 0], [2, 1], [7, 0], [2, 0]]);
  assert.equal(search.position, 1);
});

test('previous goes the other way round', async () => {
  await find('tide');
  const walk = [-1, -1, -1, -1].map((by) => search.step(by as -1, null)).map((hit) => [hit?.page, hit?.nth]);
  assert.deepEqual(walk, [[7, 0], [2, 1], [2, 0], [7, 0]]);
});

test('the first step starts at the page on screen', async () => {
  await find('tide');
  assert.deepEqual(search.step(1, 4), { page: 7, nth: 0 });
  search.current.value = null;
  assert.deepEqual(search.step(1, 9), { page: 2, nth: 0 }, 'behind the last hit it starts over');
  search.current.value = null;
  assert.deepEqual(search.step(-1, 4), { page: 2, nth: 1 });
  search.current.value = null;
  assert.deepEqual(search.step(-1, 1), { page: 7, nth: 0 });
});

test('without hits there is no step and no position', async () => {
  await find('xyz');
  assert.equal(search.step(1, 2), null);
  assert.equal(search.position, 0);
});

test('the current hit stays if the new query has it, and goes if not', async () => {
  await find('tid');
  search.step(1, 7);
  assert.equal(search.position, 3);
  await find('tide');
  assert.deepEqual(search.current.value, { page: 7, nth: 0 });
  await find('the');
  assert.equal(search.current.value, null);
});

test('a closed search shows no error for the request that it stopped', async () => {
  server.on('GET /api/v1/jobs/a1/result', () => new Later<Response>().promise);
  const found = find('tide');
  await settle();
  search.close();
  await found;
  assert.equal(search.error.value, null);
});
