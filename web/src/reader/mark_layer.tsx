// Boxes over the image: uncertain words, search hits and the chosen word.
import { useEffect, useRef } from 'preact/hooks';
import { marksOf, type Marked } from './marks';

interface Props extends Marked {
  width: number;
  height: number;
  /** Whether to scroll the chosen word into view. */
  followWord: boolean;
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
