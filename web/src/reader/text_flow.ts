// How the text beside the image follows the lines of the page.
import type { FlatWord } from './words';

/** For each paragraph, the right edge of its column: that of the widest paragraph above or below it. */
export function columnEdges(words: readonly FlatWord[]): number[] {
  const spans: [number, number][] = [];
  for (const { paragraph, box } of words) {
    const [left, right] = spans[paragraph] ?? [Infinity, 0];
    spans[paragraph] = [Math.min(left, box[0]), Math.max(right, box[2])];
  }
  return spans.map(([left, right]) =>
    spans.reduce(
      (edge, [otherLeft, otherRight]) =>
        otherLeft <= left + 20 && otherRight >= right ? Math.max(edge, otherRight) : edge,
      right,
    ),
  );
}

/** Whether the line before `word` ended although `word` would have fitted: the break is the author's. */
export function endsEarly(before: FlatWord, word: FlatWord, columnEdge: number): boolean {
  const blank = (word.box[3] - word.box[1]) * 0.4;
  return before.box[2] + blank + (word.box[2] - word.box[0]) < columnEdge;
}

/** Index of the nearest word in the line above (-1) or below (1); `index` if there is no such line. */
export function inOtherLine(words: readonly FlatWord[], index: number, by: 1 | -1): number {
  const from = words[index];
  if (!from) return index;
  let line: number | null = null;
  let best = index;
  let distance = Infinity;
  for (let other = index + by; ; other += by) {
    const word = words[other];
    if (!word || (line !== null && word.line !== line)) return best;
    if (word.line === from.line) continue;
    line = word.line;
    const away = Math.abs(word.box[0] - from.box[0]);
    if (away < distance) {
      best = other;
      distance = away;
    }
  }
}
