import '../testing/browser';
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { connection, heardFromServer } from '../state/connection';
import { signInState } from '../state/sign_in_state';
import { useClock } from '../testing/clock';
import { FakeServer, json, problem } from '../testing/server';
import { addresses, client, parseProblem, ProblemError, UnreachableError } from './client';

let server: FakeServer;
beforeEach(() => {
  useClock();
  server = new FakeServer();
  heardFromServer();
  signInState.value = { kind: 'open', owner: null };
});

const problemOf = (error: ProblemError) => error.problem;

test('a problem is read and shown as sentences', () => {
  const found = parseProblem(404, '{"code":"gone","detail":"it is gone","hint":"upload it again","page":3}');
  assert.deepEqual(found, {
    title: '',
    status: 404,
    code: 'gone',
    detail: 'It is gone.',
    hint: 'Upload it again.',
    page: 3,
  });
});

test('a body that is not a problem is an unexpected response', () => {
  for (const body of ['', '<html>', 'null', '[]', '{"code":"a"}', '{"detail":1,"code":"a"}']) {
    const found = parseProblem(500, body);
    assert.equal(found.code, 'unknown', body);
    assert.match(found.detail, /500/);
    assert.ok(found.hint);
  }
});

test('every request carries the header that proves where it comes from', async () => {
  server.on('POST /api/v1/jobs/a1/cancel', () => json({}));
  await client.cancel('a1');
  assert.equal(server.calls[0]?.headers.get('X-Gnosis-Request'), '1');
});

test('an error response is thrown as a problem, and the server is online', async () => {
  server.on('GET /api/v1/jobs/a1', () => problem(410, 'expired', 'upload it again'));
  await assert.rejects(client.job('a1'), (error: ProblemError) => problemOf(error).hint === 'Upload it again.');
  assert.equal(connection.value, 'online');
});

test('no response, or one of a proxy for a server that is down, means unreachable', async () => {
  server.down = true;
  await assert.rejects(client.job('a1'), (error) => (error as unknown) instanceof UnreachableError);
  assert.equal(connection.value, 'server_away');
  for (const status of [502, 504]) {
    heardFromServer();
    server.down = false;
    server.on('GET /api/v1/jobs/a1', () => new Response('bad gateway', { status }));
    await assert.rejects(client.job('a1'), (error) => (error as unknown) instanceof UnreachableError);
    assert.equal(connection.value, 'server_away');
  }
});

test('an aborted request says nothing about the server', async () => {
  const stop = new AbortController();
  stop.abort();
  server.on('GET /api/v1/jobs/a1/pages', () => json({}));
  await assert.rejects(client.pages('a1', stop.signal), (error: Error) => error.name === 'AbortError');
  assert.equal(connection.value, 'online');
});

test('a successful response that is not JSON is a problem', async () => {
  server.on('GET /api/v1/jobs/a1', () => new Response('<html>Welcome to the hotel</html>'));
  await assert.rejects(client.job('a1'), (error: ProblemError) => problemOf(error).code === 'unknown');
});

test('a 401 asks for sign-in, but not when it answers a sign-in', async () => {
  server.on('POST /api/v1/session', () => problem(401, 'unauthorized'));
  await assert.rejects(client.signIn('wrong'));
  assert.equal(signInState.value.kind, 'open');
  server.on('GET /api/v1/jobs', () => problem(401, 'unauthorized'));
  await assert.rejects(client.listJobs({}));
  assert.equal(signInState.value.kind, 'required');
});

test('the list is asked for what is wanted, and nothing else', async () => {
  server.on('GET /api/v1/jobs', () => json({ jobs: [], next_cursor: null }));
  await client.listJobs({ limit: 50, state: 'queued,processing', q: 'a&b', cursor: '' });
  assert.deepEqual(server.seen(), ['GET /api/v1/jobs?limit=50&state=queued%2Cprocessing&q=a%26b']);
});

test('a submitted upload repeats with the same key', async () => {
  server.on('POST /api/v1/jobs', () => json({}));
  await client.submitUpload('u1', 'a.pdf', { lang: 'eng' }, 'key1');
  assert.equal(server.calls[0]?.headers.get('Idempotency-Key'), 'key1');
  assert.equal(server.calls[0]?.body, '{"upload_id":"u1","file_name":"a.pdf","lang":"eng"}');
});

test('a page that was processed again has another address', () => {
  assert.equal(addresses.preview('a1', 2, 0), '/api/v1/jobs/a1/pages/2.jpg');
  assert.equal(addresses.preview('a1', 2, 3), '/api/v1/jobs/a1/pages/2.jpg?edition=3');
  assert.equal(addresses.events('a/../b'), '/api/v1/jobs/a%2F..%2Fb/events');
  assert.equal(addresses.result('a1', 'txt', true), '/api/v1/jobs/a1/result?format=txt&partial=1');
});
