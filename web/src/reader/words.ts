// A page's words in reading order, as one list, and search among them.
import type { Box, PageContent } from '../api/types';

export interface FlatWord {
  text: string;
  box: Box;
  confidence: number;
  line: number;
  paragraph: number;
}

export function flatten(content: PageContent): FlatWord[] {
  const words: FlatWord[] = [];
  let line = -1;
  let paragraph = -1;
  for (const block of content.blocks) {
    for (const { lines } of block.paragraphs) {
      paragraph += 1;
      for (const { words: inLine } of lines) {
        line += 1;
        for (const { text, box, confidence } of inLine) {
          words.push({ text, box, confidence, line, paragraph });
        }
      }
    }
  }
  return words;
}

function foldCharacter(character: string): string {
  const folded = character.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return folded.length === 1 ? folded : character;
}

/** Composes accents and replaces white space by single blanks: what `fold` keeps the length of. */
export function plainText(text: string): string {
  return text.normalize('NFC').replace(/\s+/g, ' ');
}

/** Removes case and accents for comparison. Has the length of `plainText(text)`. */
export function fold(text: string): string {
  const plain = plainText(text);
  if (/^[\x20-\x7e]*$/.test(plain)) return plain.toLowerCase();
  let folded = '';
  for (const character of plain) folded += foldCharacter(character);
  return folded;
}

/** Where `query` (folded, not empty) starts in `text` (folded). */
export function findAll(text: string, query: string): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(query); at >= 0; at = text.indexOf(query, at + query.length)) {
    found.push(at);
  }
  return found;
}

/** For every hit, the indices of the first and the last word that it touches. */
export function hitsAmong(words: readonly FlatWord[], query: string): [number, number][] {
  const wanted = fold(query).trim();
  if (wanted === '') return [];
  const starts: number[] = [];
  let text = '';
  for (const word of words) {
    starts.push(text.length);
    text += `${fold(word.text)} `;
  }
  const wordAt = (position: number) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  return findAll(text, wanted).map((at) => [wordAt(at), wordAt(at + wanted.length - 1)]);
}

/** The words from `from` to `to` as text, with line breaks, and blank lines between paragraphs. */
export function textOf(words: readonly FlatWord[], from: number, to: number): string {
  let text = '';
  for (let index = from; index <= to; index += 1) {
    const word = words[index];
    const before = words[index - 1];
    if (!word) continue;
    if (before && index > from) {
      if (before.paragraph !== word.paragraph) text += '\n\n';
      else text += before.line === word.line ? ' ' : '\n';
    }
    text += word.text;
  }
  return text;
}
