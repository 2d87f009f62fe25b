import '../testing/browser';
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { ProblemError } from '../api/client';
import { advance, useClock } from '../testing/clock';
import { dismiss, notices, say, sayError } from './notices';

beforeEach(() => {
  useClock();
  notices.value = [];
});

const shown = () => notices.value.map((notice) => notice.text);

test('a notice goes after its time; with 0 it stays', async () => {
  say({ kind: 'said', text: 'short' }, 1000);
  say({ kind: 'said', text: 'stays' }, 0);
  await advance(1000);
  assert.deepEqual(shown(), ['stays']);
});

test('at most four are shown, the newest last', () => {
  for (const text of ['1', '2', '3', '4', '5']) say({ kind: 'said', text });
  assert.deepEqual(shown(), ['2', '3', '4', '5']);
});

test('dismissing one leaves the others', () => {
  const first = say({ kind: 'said', text: 'a' });
  say({ kind: 'said', text: 'b' });
  dismiss(first);
  dismiss(first);
  assert.deepEqual(shown(), ['b']);
});

test('an error is shown with its hint, and anything can be thrown', () => {
  sayError(new ProblemError({ status: 507, code: 'full', title: '', detail: 'Full.', hint: 'Make room.' }));
  sayError('broken');
  assert.deepEqual(notices.value.map(({ text, hint }) => [text, hint]), [
    ['Full.', 'Make room.'],
    ['broken', undefined],
  ]);
});
