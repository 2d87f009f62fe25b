import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PageContent } from '../api/types';
import { sampleWords } from '../testing/samples';
import { findAll, flatten, fold, hitsAmong, plainText, textOf } from './words';

test('words are numbered by line and paragraph, in reading order', () => {
  const word = (text: string) => ({ text, box: [0, 0, 1, 1], confidence: 90 });
  const line = (...words: string[]) => ({ box: [0, 0, 1, 1], words: words.map(word) });
  const content = {
    blocks: [
      { paragraphs: [{ lines: [line('a', 'b'), line('c')] }, { lines: [line('d')] }] },
      { paragraphs: [] },
      { paragraphs: [{ lines: [line('e')] }] },
    ],
  } as unknown as PageContent;
  assert.deepEqual(
    flatten(content).map(({ text, line, paragraph }) => [text, line, paragraph]),
    [['a', 0, 0], ['b', 0, 0], ['c', 1, 0], ['d', 2, 1], ['e', 3, 2]],
  );
  assert.deepEqual(flatten({ blocks: [] } as unknown as PageContent), []);
});

test('case, accents and kinds of white space do not matter', () => {
  assert.equal(fold('Ärger  im\n\tCAFÉ'), 'arger im cafe');
  assert.equal(fold('İstanbul'), 'istanbul');
  assert.equal(fold('STRASSE straße'), 'strasse straße');
});

test('an accent that is a character of its own counts like a composed one', () => {
  assert.equal(fold('cafe\u0301s'), 'cafes');
  assert.equal(fold('A\u0308rger'), fold('Ärger'));
});

test('folding keeps positions: it has the length of the plain text', () => {
  for (const text of ['Ärger', 'e\u0301te\u0301', 'İ', 'ﬁsh', '𝒜 𐐀 😀', '中文', 'ǅ', 'a\u0334b', 'ΐ', 'ŉ', '']) {
    assert.equal(fold(text).length, plainText(text).length, text);
  }
});

test('hits do not overlap', () => {
  assert.deepEqual(findAll('banana', 'ana'), [1]);
  assert.deepEqual(findAll('aaaa', 'aa'), [0, 2]);
  assert.deepEqual(findAll('abc', 'x'), []);
});

test('a hit is told as the words that it touches', () => {
  const words = sampleWords('The Tide / Gauge Trust || the tide');
  assert.deepEqual(hitsAmong(words, 'tide'), [[1, 1], [5, 5]]);
  assert.deepEqual(hitsAmong(words, 'tide gauge'), [[1, 2]], 'over a line break');
  assert.deepEqual(hitsAmong(words, 'ide ga'), [[1, 2]], 'parts of words');
  assert.deepEqual(hitsAmong(words, ' THE '), [[0, 0], [4, 4]]);
  assert.deepEqual(hitsAmong(words, 'trust the tide'), [[3, 5]], 'to the last word');
});

test('nothing is found for an empty query, or on an empty page', () => {
  assert.deepEqual(hitsAmong(sampleWords('a b'), '  '), []);
  assert.deepEqual(hitsAmong([], 'a'), []);
});

test('copied text keeps the lines and paragraphs of the page', () => {
  const words = sampleWords('a b / c || d e');
  assert.equal(textOf(words, 0, 4), 'a b\nc\n\nd e');
  assert.equal(textOf(words, 1, 2), 'b\nc');
  assert.equal(textOf(words, 4, 9), 'e', 'beyond the last word');
});
