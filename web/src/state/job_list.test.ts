import { page } from '../testing/browser';
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { Job } from '../api/types';
import { advance, settle, useClock, waitingTimers } from '../testing/clock';
import { jobIn, sampleJob } from '../testing/samples';
import { FakeServer, json, Later, problem } from '../testing/server';
import { heardFromServer } from './connection';
import { JobListState } from './job_list';

const DONE = jobIn('completed');
let server: FakeServer;
let list: JobListState;
let jobs: Job[];

async function open() {
  list = new JobListState();
  await settle();
}

beforeEach(() => {
  useClock();
  heardFromServer();
  page.hidden = false;
  jobs = [DONE];
  server = new FakeServer();
  server.on('GET /api/v1/jobs', () => json({ jobs, next_cursor: null }));
});
afterEach(() => list.close());

const asked = () => server.seen('/api/v1/jobs').length;
const ids = () => list.jobs.value?.map((job) => job.job_id);

/** Parts of one job each: a, b, c. */
function inParts() {
  server.on('GET /api/v1/jobs', ({ path }) => {
    const cursor = new URL(path, 'http://localhost').searchParams.get('cursor') ?? 'a';
    const next: Record<string, string | null> = { a: 'b', b: 'c', c: null };
    return json({ jobs: [sampleJob({ ...DONE, job_id: cursor })], next_cursor: next[cursor] });
  });
}

test('is refreshed every second while a job runs, every ten seconds otherwise', async () => {
  jobs = [jobIn('processing')];
  await open();
  await advance(3000);
  assert.equal(asked(), 4);
  jobs = [DONE];
  await advance(1000);
  await advance(9000);
  assert.equal(asked(), 5);
  await advance(1000);
  assert.equal(asked(), 6);
});

test('what the server says last is what is shown', async () => {
  jobs = [sampleJob({ job_id: 'a' }), sampleJob({ job_id: 'b' })];
  await open();
  assert.deepEqual(ids(), ['a', 'b']);
  jobs = [sampleJob({ job_id: 'c' }), sampleJob({ job_id: 'b', revision: 2 })];
  await advance(1000);
  assert.deepEqual(ids(), ['c', 'b']);
  assert.equal(list.jobs.value?.[1]?.revision, 2);
});

test('a response that was overtaken by a newer one is ignored', async () => {
  await open();
  const slow = new Later<Response>();
  server.on('GET /api/v1/jobs', () => slow.promise);
  list.setFilter('trouble');
  server.on('GET /api/v1/jobs', () => json({ jobs: [], next_cursor: null }));
  list.setFilter('running');
  await settle();
  slow.resolve(json({ jobs: [DONE], next_cursor: 'x' }));
  await settle();
  assert.deepEqual(ids(), []);
  assert.equal(list.hasOlder.value, false);
});

test('an error keeps the list, is tried again soon, and goes away', async () => {
  await open();
  server.on('GET /api/v1/jobs', () => problem(500, 'internal'));
  await advance(10_000);
  assert.notEqual(list.error.value, null);
  assert.deepEqual(ids(), ['a1']);
  server.on('GET /api/v1/jobs', () => json({ jobs: [], next_cursor: null }));
  await advance(1000);
  assert.equal(list.error.value, null);
  assert.deepEqual(ids(), []);
});

test('filter and search are sent, and start at the newest part', async () => {
  inParts();
  await open();
  list.older();
  await settle();
  list.setFilter('done');
  await settle();
  list.setSearch('  diary ');
  await settle();
  assert.deepEqual(server.seen().slice(-2), [
    'GET /api/v1/jobs?limit=50&state=completed%2Ccompleted_with_errors',
    'GET /api/v1/jobs?limit=50&state=completed%2Ccompleted_with_errors&q=diary',
  ]);
});

test('older and newer walk through the parts and back', async () => {
  inParts();
  await open();
  const walk = async (step: () => void) => {
    step();
    await settle();
    return ids()?.[0];
  };
  assert.equal(await walk(() => list.older()), 'b');
  assert.equal(await walk(() => list.older()), 'c');
  assert.equal(list.hasOlder.value, false);
  assert.equal(await walk(() => list.older()), 'c', 'there is nothing older');
  assert.equal(await walk(() => list.newer()), 'b');
  assert.equal(await walk(() => list.newer()), 'a');
  assert.equal(await walk(() => list.newer()), 'a', 'there is nothing newer');
});

test('two quick clicks on "Older" move one part, not to one that is not known yet', async () => {
  inParts();
  await open();
  list.older();
  list.older();
  await settle();
  assert.deepEqual(list.trail.value, ['', 'b']);
  assert.equal(ids()?.[0], 'b');
});

test('a cursor of one filter is not used with another', async () => {
  inParts();
  await open();
  list.setFilter('done');
  list.older();
  await settle();
  assert.deepEqual(list.trail.value, ['']);
});

test('a hidden page asks nothing until it is visible again', async () => {
  jobs = [jobIn('processing')];
  page.hidden = true;
  await open();
  await advance(60_000);
  assert.equal(asked(), 1);
  page.hidden = false;
  page.dispatchEvent(new Event('visibilitychange'));
  await settle();
  assert.equal(asked(), 2);
});

test('is refreshed when the server is back', async () => {
  await open();
  server.down = true;
  await list.refresh();
  server.down = false;
  jobs = [];
  heardFromServer();
  await settle();
  assert.deepEqual(ids(), []);
});

test('a closed list asks nothing more, even if a response was on its way', async () => {
  await open();
  const slow = new Later<Response>();
  server.on('GET /api/v1/jobs', () => slow.promise);
  void list.refresh();
  list.close();
  slow.resolve(json({ jobs: [], next_cursor: null }));
  await settle();
  assert.deepEqual(ids(), ['a1']);
  assert.equal(waitingTimers(), 0);
});
