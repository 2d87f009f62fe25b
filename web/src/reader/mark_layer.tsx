// Boxes over the image: uncertain words, search hits and the chosen word.
import { useEffect, useRef } from 'preact/hooks';
import { trust } from '../state/job_rules';
import type { FlatWord } from './words';

interface Props {
  words: readonly FlatWord[];
  width: number;
  height: number;
  tint: boolean;
  hits: readonly [number, number][];
  currentHit: number | null;
  word: number | null;
  /** Whether to scroll the chosen word into view. */
  followWord: boolean;
}

interface Mark {
  box: readonly [number, number, number, number];
  kind: string;
}

/** A hit is one box per line that it touches. */
function hitBoxes(words: readonly FlatWord[], [from, to]: [number, number]): Mark['box'][] {
  const boxes: Mark['box'][] = [];
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

function marksOf({ words, tint, hits, currentHit, word }: Props): Mark[] {
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

export function MarkLayer(props: Props) {
  const { width, height, currentHit, word, words, followWord } = props;
  const layer = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const wanted = followWord ? '.mark-word' : '.mark-current';
    layer.current
      ?.querySelector(wanted)
      ?.scrollIntoView({ block: followWord ? 'nearest' : 'center', inline: 'nearest' });
  }, [currentHit, word, words, followWord]);
  return (
    <div class="mark-layer" ref={layer} aria-hidden="true">
      {marksOf(props).map(({ box, kind }, index) => (
        <span
          key={index}
          class={`mark ${kind}`}
          style={{
            left: `${(box[0] / width) * 100}%`,
            top: `${(box[1] / height) * 100}%`,
            width: `${((box[2] - box[0]) / width) * 100}%`,
            height: `${((box[3] - box[1]) / height) * 100}%`,
          }}
        />
      ))}
    </div>
  );
}
