import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleWords } from '../testing/samples';
import { hitBoxes, marksOf } from './marks';

const WORDS = sampleWords('aa bb / cc');

test('a hit has one box per line', () => {
  assert.deepEqual(hitBoxes(WORDS, [0, 1]), [[0, 0, 45, 10]]);
  assert.deepEqual(hitBoxes(WORDS, [1, 2]), [[25, 0, 45, 10], [0, 20, 20, 30]]);
  assert.deepEqual(hitBoxes(WORDS, [2, 9]), [[0, 20, 20, 30]]);
});

test('uncertain words are marked only when that is wanted', () => {
  const words = WORDS.map((word, index) => ({ ...word, confidence: [90, 70, 20][index] ?? 0 }));
  const kinds = (tint: boolean) =>
    marksOf({ words, tint, hits: [], currentHit: null, word: null }).map(({ kind }) => kind);
  assert.deepEqual(kinds(true), ['mark-middle', 'mark-low']);
  assert.deepEqual(kinds(false), []);
});

test('the current hit and the chosen word stand out', () => {
  const marks = marksOf({ words: WORDS, tint: false, hits: [[0, 0], [2, 2]], currentHit: 1, word: 1 });
  assert.deepEqual(marks.map(({ kind }) => kind), ['mark-hit', 'mark-hit mark-current', 'mark-word']);
  assert.equal(marksOf({ words: WORDS, tint: false, hits: [], currentHit: null, word: 7 }).length, 0);
});
