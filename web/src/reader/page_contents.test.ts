import '../testing/browser';
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { useClock } from '../testing/clock';
import { FakeServer, json, problem } from '../testing/server';
import { PageContents } from './page_contents';

let server: FakeServer;
let contents: PageContents;

beforeEach(() => {
  useClock();
  server = new FakeServer();
  for (let page = 1; page <= 9; page += 1) {
    server.on(`GET /api/v1/jobs/a1/pages/${page}.json`, () => json({ page, blocks: [] }));
  }
  contents = new PageContents('a1');
});

const loads = (page: number) => server.seen(`/api/v1/jobs/a1/pages/${page}.json`).length;

test('a page is loaded once, even if it is asked for twice at the same time', async () => {
  const [first, second] = await Promise.all([contents.get(1, 0), contents.get(1, 0)]);
  assert.equal(first.content.page, 1);
  assert.equal(first, second);
  assert.equal(loads(1), 1);
});

test('a page that was processed again is loaded again', async () => {
  await contents.get(1, 0);
  await contents.get(1, 1);
  assert.equal(loads(1), 2);
});

test('eight pages are kept: those that were viewed most recently', async () => {
  for (let page = 1; page <= 8; page += 1) await contents.get(page, 0);
  await contents.get(1, 0);
  await contents.get(9, 0);
  await contents.get(1, 0);
  assert.equal(loads(1), 1);
  await contents.get(2, 0);
  assert.equal(loads(2), 2);
});

test('an error is not kept', async () => {
  server.on('GET /api/v1/jobs/a1/pages/1.json', () => problem(500, 'internal'));
  await assert.rejects(contents.get(1, 0));
  server.on('GET /api/v1/jobs/a1/pages/1.json', () => json({ page: 1, blocks: [] }));
  assert.equal((await contents.get(1, 0)).content.page, 1);
});

test('closing stops what is loading', async () => {
  server.on('GET /api/v1/jobs/a1/pages/1.json', () => new Promise<never>(() => undefined));
  const loading = contents.get(1, 0);
  contents.close();
  await assert.rejects(loading, (error: Error) => error.name === 'AbortError');
});
