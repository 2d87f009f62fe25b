// The boxes that are drawn over the image.
import type { Box } from '../api/types';
import { trust } from '../state/job_rules';
import type { FlatWord } from './words';

export interface Mark {
  box: Box;
  kind: string;
}

export interface Marked {
  words: readonly FlatWord[];
  tint: boolean;
  hits: readonly [number, number][];
  currentHit: number | null;
  word: number | null;
}

/** A hit has one box per line that it touches. */
export function hitBoxes(words: readonly FlatWord[], [from, to]: [number, number]): Box[] {
  const boxes: Box[] = [];
  let line = -1;
  for (let index = from; index <= to; index += 1) {
    const word = words[index];
    if (!word) continue;
    const last = boxes.at(-1);
    if (word.line === line && last) {
      boxes[boxes.length - 1] = [
        Math.min(last[0], word.box[0]),
        Math.min(last[1], word.box[1]),
        Math.max(last[2], word.box[2]),
        Math.max(last[3], word.box[3]),
      ];
    } else {
      boxes.push(word.box);
      line = word.line;
    }
  }
  return boxes;
}

export function marksOf({ words, tint, hits, currentHit, word }: Marked): Mark[] {
  const marks: Mark[] = [];
  if (tint) {
    for (const { box, confidence } of words) {
      const level = trust(confidence);
      if (level !== 'high') marks.push({ box, kind: `mark-${level}` });
    }
  }
  hits.forEach((hit, nth) => {
    const kind = nth === currentHit ? 'mark-hit mark-current' : 'mark-hit';
    for (const box of hitBoxes(words, hit)) marks.push({ box, kind });
  });
  const chosen = word === null ? undefined : words[word];
  if (chosen) marks.push({ box: chosen.box, kind: 'mark-word' });
  return marks;
}
