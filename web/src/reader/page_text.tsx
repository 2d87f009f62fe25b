// The page's text beside its image, in paragraphs. Choosing a word here shows it in the image, and the other
// way round.
import { useEffect, useRef } from 'preact/hooks';
import { trust } from '../state/job_rules';
import { texts } from '../texts';
import type { LoadedPage } from './page_contents';
import type { ReaderState } from './reader_state';
import { columnEdges, endsEarly, inOtherLine } from './text_flow';
import { wordOf } from './word_layer';
import type { FlatWord } from './words';

interface Props {
  loaded: LoadedPage | null;
  state: ReaderState;
  hits: readonly [number, number][];
  currentHit: number | null;
}

function fill(place: HTMLElement, words: readonly FlatWord[]): HTMLElement[] {
  const made = document.createDocumentFragment();
  const spans: HTMLElement[] = [];
  const edges = columnEdges(words);
  let paragraph: HTMLElement | null = null;
  words.forEach((word, index) => {
    const before = words[index - 1];
    if (!paragraph || before?.paragraph !== word.paragraph) {
      paragraph = document.createElement('p');
      made.append(paragraph);
    } else if (
      before &&
      before.line !== word.line &&
      endsEarly(before, word, edges[word.paragraph] ?? 0)
    ) {
      paragraph.append(document.createElement('br'));
    } else {
      paragraph.append(' ');
    }
    const span = document.createElement('span');
    span.textContent = word.text;
    span.dataset['word'] = String(index);
    span.className = `w-${trust(word.confidence)}`;
    span.title = texts.reader.word(word.text, word.confidence);
    paragraph.append(span);
    spans.push(span);
  });
  place.replaceChildren(made);
  return spans;
}

export function PageText({ loaded, state, hits, currentHit }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const spans = useRef<HTMLElement[]>([]);
  const word = state.word.value;
  const words = loaded?.words ?? [];

  useEffect(() => {
    if (!place.current) return;
    spans.current = fill(place.current, words);
    place.current.scrollTo(0, 0);
  }, [loaded]);

  useEffect(() => {
    const marked: HTMLElement[] = [];
    hits.forEach(([from, to], nth) => {
      for (let index = from; index <= to; index += 1) {
        const span = spans.current[index];
        span?.classList.add('w-hit');
        if (nth === currentHit) span?.classList.add('w-current');
        if (nth === currentHit && index === from) span?.scrollIntoView({ block: 'nearest' });
        if (span) marked.push(span);
      }
    });
    return () => marked.forEach((span) => span.classList.remove('w-hit', 'w-current'));
  }, [hits, currentHit, loaded]);

  useEffect(() => {
    const span = word ? spans.current[word.index] : undefined;
    span?.classList.add('w-chosen');
    span?.scrollIntoView({ block: 'nearest' });
    return () => span?.classList.remove('w-chosen');
  }, [word, loaded]);

  const move = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !words.length) return;
    const at = word?.index ?? -1;
    const last = words.length - 1;
    const next: Record<string, () => number> = {
      ArrowRight: () => Math.min(last, at + 1),
      ArrowLeft: () => Math.max(0, at - 1),
      ArrowDown: () => (at < 0 ? 0 : inOtherLine(words, at, 1)),
      ArrowUp: () => (at < 0 ? 0 : inOtherLine(words, at, -1)),
    };
    const index = next[event.key]?.();
    if (index === undefined) return;
    event.preventDefault();
    state.word.value = { index, from: 'text' };
  };
  return (
    <div
      class={state.tint.value ? 'page-text tinted' : 'page-text'}
      ref={place}
      tabIndex={0}
      role="region"
      aria-label={texts.reader.textRegion}
      lang={loaded?.content.language.startsWith('deu') ? 'de' : undefined}
      onKeyDown={move}
      onClick={(event) => {
        const index = wordOf(event.target);
        if (index !== null) state.word.value = { index, from: 'text' };
      }}
    />
  );
}
