import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Box } from '../api/types';
import { sampleWords } from '../testing/samples';
import { columnEdges, endsEarly, inOtherLine } from './text_flow';
import type { FlatWord } from './words';

const word = (box: Box, paragraph = 0, line = 0): FlatWord => ({ text: 'x', box, confidence: 90, line, paragraph });

test('a short paragraph has the edge of the wide one in its column', () => {
  const edges = columnEdges([
    word([100, 0, 900, 10], 0),
    word([110, 20, 300, 30], 1),
    word([1000, 0, 1800, 10], 2),
  ]);
  assert.deepEqual(edges, [900, 900, 1800]);
});

test('a paragraph that stands further left is in another column', () => {
  assert.deepEqual(columnEdges([word([500, 0, 900, 10], 0), word([100, 20, 300, 30], 1)]), [900, 300]);
});

test('a line ends early if the next word would have fitted', () => {
  const before = word([0, 0, 500, 10]);
  assert.ok(endsEarly(before, word([0, 20, 100, 30]), 700));
  assert.equal(endsEarly(before, word([0, 20, 100, 30]), 600), false, 'the blank counts, too');
  assert.equal(endsEarly(before, word([0, 20, 300, 30]), 700), false);
});

test('up and down go to the nearest word of the next line', () => {
  const words = sampleWords('aa bb cc / dddd e / f');
  assert.equal(inOtherLine(words, 0, 1), 3);
  assert.equal(inOtherLine(words, 2, 1), 4);
  assert.equal(inOtherLine(words, 4, -1), 2);
  assert.equal(inOtherLine(words, 4, 1), 5);
});

test('at the first and the last line it stays', () => {
  const words = sampleWords('a b / c');
  assert.equal(inOtherLine(words, 1, -1), 1);
  assert.equal(inOtherLine(words, 2, 1), 2);
  assert.equal(inOtherLine(words, 9, 1), 9);
});

test('a line without words is passed over', () => {
  const words = [word([0, 0, 10, 10], 0, 0), word([0, 40, 10, 50], 0, 2), word([0, 60, 10, 70], 0, 3)];
  assert.equal(inOtherLine(words, 0, 1), 1);
  assert.equal(inOtherLine(words, 1, -1), 0);
});
