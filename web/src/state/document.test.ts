import '../testing/browser';
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { Page } from '../api/types';
import { advance, settle, useClock } from '../testing/clock';
import { jobIn, samplePage } from '../testing/samples';
import { FakeEventSource, FakeServer, json, Later, problem } from '../testing/server';
import { heardFromServer } from './connection';
import { LiveDocument } from './document';

const PAGES = [samplePage(2), samplePage(4), samplePage(9)];
let server: FakeServer;
let doc: LiveDocument;

beforeEach(() => {
  useClock();
  heardFromServer();
  server = new FakeServer();
  doc = new LiveDocument('a1');
});
afterEach(() => doc.close());

const stream = () => FakeEventSource.newest;
const snapshot = (revision = 1, pages: Page[] = PAGES) =>
  stream().send('snapshot', { job: jobIn('processing', revision), pages });
const done = (page: number, change: object = {}) =>
  stream().send('page', { ...samplePage(page, 'completed', 91), ...change });

test('pages of a page range are found by number and by position', () => {
  snapshot();
  assert.equal(doc.page(4)?.page, 4);
  assert.equal(doc.page(3), null);
  assert.deepEqual([2, 4, 9, 1].map((page) => doc.position(page)), [0, 1, 2, -1]);
});

test('a snapshot is shown at once', () => {
  snapshot();
  assert.equal(doc.job.value?.status, 'processing');
  assert.equal(doc.version.value, 1);
});

test('many page events are shown together, a few times a second', async () => {
  snapshot();
  done(2);
  done(4);
  assert.equal(doc.version.value, 1);
  await advance(79);
  assert.equal(doc.version.value, 1);
  await advance(1);
  assert.equal(doc.version.value, 2);
  assert.deepEqual(doc.pages.map((page) => page.status), ['completed', 'completed', 'pending']);
  assert.equal(doc.page(2)?.confidence, 91);
});

test('the end of the job is shown at once, with the pages before it', () => {
  snapshot();
  done(2);
  stream().send('done', jobIn('completed', 5));
  assert.equal(doc.job.value?.status, 'completed');
  assert.equal(doc.version.value, 2);
});

test('an older revision of the job does not replace a newer one', async () => {
  snapshot(7);
  stream().send('state', jobIn('queued', 6));
  await advance(1000);
  assert.equal(doc.job.value?.revision, 7);
  stream().send('state', jobIn('processing', 8));
  await advance(1000);
  assert.equal(doc.job.value?.revision, 8);
});

test('a page that was final and changes has the next edition, so that its image is loaded again', () => {
  snapshot();
  done(2);
  assert.equal(doc.page(2)?.edition, 0, 'the first result');
  done(2, { status: 'processing', confidence: null });
  done(2);
  assert.equal(doc.page(2)?.edition, 1);
  done(4, { status: 'failed', error: 'damaged: the page is empty' });
  done(4);
  assert.equal(doc.page(4)?.edition, 1);
  assert.equal(doc.page(4)?.error, null);
});

test('an event for a page that the job does not have is ignored', async () => {
  snapshot();
  done(3);
  await advance(1000);
  assert.equal(doc.version.value, 1);
  assert.equal(doc.pages.length, 3);
});

test('a snapshot after a reconnection replaces all pages', () => {
  snapshot();
  done(2);
  snapshot(2, [samplePage(2, 'completed', 50), samplePage(4, 'failed')]);
  assert.deepEqual(doc.pages.map((page) => page.status), ['completed', 'failed']);
  assert.equal(doc.position(9), -1);
});

test('a deleted job is gone', () => {
  snapshot();
  stream().send('done', { status: 'deleted' });
  assert.ok(doc.gone.value);
});

test('a job that does not exist is gone; another problem is shown', async () => {
  stream().fail('given up');
  await settle();
  assert.ok(doc.gone.value);
  doc.close();

  doc = new LiveDocument('a1');
  server.on('GET /api/v1/jobs/a1', () => problem(403, 'forbidden'));
  stream().fail('given up');
  await settle();
  assert.equal(doc.gone.value, false);
  assert.equal(doc.problem.value?.code, 'forbidden');
});

test('after a retry the document is live again', async () => {
  snapshot();
  stream().send('done', jobIn('completed_with_errors', 5));
  server.on('GET /api/v1/jobs/a1/pages', () => json({ pages: [samplePage(2), samplePage(4)] }));
  await doc.restart(jobIn('queued', 6));
  assert.equal(doc.job.value?.status, 'queued');
  assert.equal(doc.pages.length, 2);
  assert.equal(FakeEventSource.all.length, 2);
  done(2);
  assert.equal(doc.page(2)?.status, 'completed');
});

test('a retry whose answer comes after the document was closed opens no stream', async () => {
  snapshot();
  stream().send('done', jobIn('failed', 5));
  const slow = new Later<Response>();
  server.on('GET /api/v1/jobs/a1/pages', () => slow.promise);
  const restarted = doc.restart(jobIn('queued', 6));
  doc.close();
  slow.resolve(json({ pages: PAGES }));
  await restarted;
  assert.equal(FakeEventSource.all.length, 1);
});
