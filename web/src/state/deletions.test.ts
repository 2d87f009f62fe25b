import { fire } from '../testing/browser';
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { advance, settle, useClock } from '../testing/clock';
import { FakeServer, problem } from '../testing/server';
import { heardFromServer } from './connection';
import { deleteWithUndo, hidden } from './deletions';
import { notices } from './notices';

let server: FakeServer;
beforeEach(() => {
  useClock();
  heardFromServer();
  hidden.value = new Set();
  notices.value = [];
  server = new FakeServer();
  for (const id of ['a', 'b']) server.on(`DELETE /api/v1/jobs/${id}`, () => new Response(null, { status: 204 }));
});

const deleted = () => server.seen('/api/v1/jobs');

test('a document is hidden at once and deleted after six seconds', async () => {
  deleteWithUndo('a', 'a.pdf');
  assert.ok(hidden.value.has('a'));
  await advance(5900);
  assert.deepEqual(deleted(), []);
  await advance(100);
  assert.deepEqual(deleted(), ['DELETE /api/v1/jobs/a']);
  assert.ok(hidden.value.has('a'));
});

test('undo shows it again and deletes nothing', async () => {
  deleteWithUndo('a', 'a.pdf');
  notices.value[0]?.action?.run();
  assert.equal(hidden.value.has('a'), false);
  assert.deepEqual(notices.value, []);
  await advance(60_000);
  assert.deepEqual(deleted(), []);
});

test('deleting twice is deleting once', async () => {
  deleteWithUndo('a', 'a.pdf');
  deleteWithUndo('a', 'a.pdf');
  await advance(60_000);
  assert.equal(deleted().length, 1);
});

test('a document that could not be deleted is shown again, with the reason', async () => {
  server.on('DELETE /api/v1/jobs/a', () => problem(500, 'internal', 'see the log'));
  deleteWithUndo('a', 'a.pdf');
  await advance(6000);
  assert.equal(hidden.value.has('a'), false);
  assert.equal(notices.value.at(-1)?.kind, 'error');
  assert.equal(notices.value.at(-1)?.hint, 'See the log.');
});

test('leaving the page deletes at once what still could be undone', async () => {
  deleteWithUndo('a', 'a.pdf');
  deleteWithUndo('b', 'b.pdf');
  notices.value[0]?.action?.run();
  fire('pagehide');
  await settle();
  assert.deepEqual(deleted(), ['DELETE /api/v1/jobs/b']);
  await advance(60_000);
  assert.equal(deleted().length, 1, 'the timers are gone');
});
