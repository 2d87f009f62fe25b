import '../testing/browser';
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { JobState } from '../api/types';
import { advance, settle, useClock } from '../testing/clock';
import { jobIn, samplePage } from '../testing/samples';
import { FakeEventSource, FakeServer, json, Later, problem } from '../testing/server';
import { connection, heardFromServer } from './connection';
import { watchJob, type JobWatch } from './job_watch';

let server: FakeServer;
let watch: JobWatch;
let heard: string[];
let state: JobState;
let revision: number;

beforeEach(() => {
  useClock();
  heardFromServer();
  heard = [];
  state = 'processing';
  revision = 1;
  server = new FakeServer();
  server.on('GET /livez', () => json({}));
  server.on('GET /api/v1/jobs/a1', () => json(jobIn(state, revision)));
  server.on('GET /api/v1/jobs/a1/pages', () => json({ pages: [samplePage(1)] }));
  watch = watchJob('a1', {
    job: (job) => heard.push(`job ${job.status} ${job.revision}`),
    pages: (pages) => heard.push(`pages ${pages.length}`),
    page: (event) => heard.push(`page ${event.page}`),
    gone: () => heard.push('gone'),
    problem: (error) => heard.push(`problem ${error.problem.status}`),
    revision: () => revision,
  });
});
afterEach(() => watch.close());

const streams = () => FakeEventSource.all.length;
const stream = () => FakeEventSource.newest;
const snapshot = () => stream().send('snapshot', { job: jobIn(state, revision), pages: [samplePage(1)] });

/** As when a proxy buffers event streams: they break before the snapshot. */
async function toPolling() {
  for (let times = 0; times < 3; times += 1) stream().fail('again');
  await settle();
}

/** Long polls that a test answers one by one. */
function holdPolls() {
  const polls: Later<Response>[] = [];
  server.on('GET /api/v1/jobs/a1', ({ path }) => {
    if (!path.includes('wait=')) return json(jobIn(state, revision));
    const poll = new Later<Response>();
    polls.push(poll);
    return poll.promise;
  });
  return polls;
}

test('events reach the listener in order', () => {
  snapshot();
  stream().send('page', samplePage(1, 'completed', 90));
  stream().send('state', jobIn('processing', 2));
  stream().send('done', jobIn('completed', 3));
  assert.deepEqual(heard, ['job processing 1', 'pages 1', 'page 1', 'job processing 2', 'job completed 3']);
  assert.equal(stream().readyState, FakeEventSource.CLOSED);
});

test('a stream that breaks is left to the browser, which reconnects', async () => {
  for (let times = 0; times < 10; times += 1) {
    stream().fail('again');
    await settle();
    snapshot();
  }
  assert.equal(streams(), 1);
  assert.deepEqual(server.seen('/api/v1/'), []);
});

test('a broken stream asks whether the server is there', async () => {
  server.down = true;
  stream().fail('again');
  await settle();
  assert.equal(connection.value, 'server_away');
});

test('a stream that the browser gave up is opened anew, with what was missed', async () => {
  snapshot();
  heard = [];
  stream().fail('given up');
  await settle();
  assert.deepEqual(heard, ['job processing 1', 'pages 1']);
  assert.equal(streams(), 2);
});

test('of a job that has ended meanwhile there is nothing more to follow', async () => {
  state = 'completed';
  stream().fail('given up');
  await settle();
  assert.deepEqual(heard, ['job completed 1', 'pages 1']);
  assert.equal(streams(), 1);
});

test('after three failures in a row it polls, and tries the stream again after ten polls', async () => {
  const polls = holdPolls();
  await toPolling();
  assert.equal(stream().readyState, FakeEventSource.CLOSED);
  for (let count = 0; count < 10; count += 1) {
    assert.equal(streams(), 1);
    assert.equal(polls.length, count + 1);
    revision += 1;
    polls.at(-1)?.resolve(json(jobIn(state, revision)));
    await settle();
  }
  assert.ok(heard.includes('job processing 11'));
  assert.equal(streams(), 2);
  stream().fail('again');
  await settle();
  assert.equal(stream().readyState, 0, 'one failure does not end the new stream');
});

test('polls wait for a change of the revision that is known', async () => {
  revision = 17;
  holdPolls();
  await toPolling();
  assert.equal(server.seen().at(-1), 'GET /api/v1/jobs/a1?wait=30&since=17');
});

test('a server that is down is waited for, then it continues', async () => {
  server.down = true;
  stream().fail('given up');
  await advance(6000);
  assert.deepEqual(heard, []);
  server.down = false;
  await advance(1500);
  assert.deepEqual(heard, ['job processing 1', 'pages 1']);
  assert.equal(streams(), 2);
});

test('a server error is waited for as well', async () => {
  server.on('GET /api/v1/jobs/a1', () => problem(503, 'unavailable'));
  stream().fail('given up');
  await settle();
  assert.equal(connection.value, 'server_away');
  server.on('GET /api/v1/jobs/a1', () => json(jobIn(state)));
  await advance(1500);
  assert.equal(streams(), 2);
});

test('a response that is not JSON is not asked for again without a pause', async () => {
  server.on('GET /api/v1/jobs/a1', () => new Response('<html>'));
  stream().fail('given up');
  await advance(1400);
  assert.equal(server.seen('/api/v1/').length, 1);
  await advance(100);
  assert.equal(server.seen('/api/v1/').length, 2);
});

test('a request too many is repeated after five seconds, and the document stays live', async () => {
  server.on('GET /api/v1/jobs/a1', () => problem(429, 'too_many_requests'));
  stream().fail('given up');
  await advance(4900);
  assert.deepEqual(heard, []);
  assert.equal(connection.value, 'online');
  server.on('GET /api/v1/jobs/a1', () => json(jobIn(state)));
  await advance(100);
  assert.deepEqual(heard, ['job processing 1', 'pages 1']);
});

test('a job that is gone is told once and not asked for again', async () => {
  server.on('GET /api/v1/jobs/a1', () => problem(404, 'not_found'));
  stream().fail('given up');
  await advance(60_000);
  assert.deepEqual(heard, ['problem 404']);
  assert.equal(server.seen('/api/v1/').length, 1);
});

test('a job that is deleted during a poll does not make the server look unreachable', async () => {
  const polls = holdPolls();
  await toPolling();
  heard = [];
  polls[0]?.resolve(problem(404, 'not_found'));
  await settle();
  assert.equal(connection.value, 'online');
  assert.deepEqual(heard, ['problem 404']);
});

test('closed, it hears nothing and asks nothing more', async () => {
  const polls = holdPolls();
  await toPolling();
  heard = [];
  watch.close();
  polls[0]?.resolve(json(jobIn(state, 2)));
  await advance(60_000);
  assert.deepEqual(heard, []);
  assert.equal(polls.length, 1);
  assert.equal(streams(), 1);
});
