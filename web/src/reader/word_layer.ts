// Transparent words over the image, each in its place, so that text can be selected. The spans are created
// directly and not as components, because a page has thousands of words and they never change.
import { texts } from '../texts';
import { textOf, type FlatWord } from './words';

let ruler: CanvasRenderingContext2D | null = null;

/** Width of text in em, in the layer's font. */
function widthInEm(text: string): number {
  ruler ??= document.createElement('canvas').getContext('2d');
  if (!ruler) return text.length * 0.5;
  ruler.font = '100px sans-serif';
  return Math.max(0.05, ruler.measureText(text).width / 100);
}

/** Sizes are relative to the page's width, so zooming does not rebuild the layer. */
export function fillWordLayer(
  layer: HTMLElement,
  words: readonly FlatWord[],
  width: number,
  height: number,
) {
  const made = document.createDocumentFragment();
  words.forEach((word, index) => {
    const [left, top, right, bottom] = word.box;
    const next = words[index + 1];
    const inLine = next?.line === word.line;
    // Each word extends to the next one, so that a selection has no gaps.
    const end = inLine && next.box[0] > left ? Math.max(right, next.box[0]) : right;
    const text = inLine ? `${word.text} ` : word.text;
    const size = Math.max(1, bottom - top);
    const span = document.createElement('span');
    span.textContent = text;
    span.dataset['word'] = String(index);
    span.title = texts.reader.word(word.text, word.confidence);
    span.style.left = `${(left / width) * 100}%`;
    span.style.top = `${(top / height) * 100}%`;
    span.style.fontSize = `${(size / width) * 100}cqw`;
    span.style.transform = `scaleX(${(end - left) / (size * widthInEm(text))})`;
    made.append(span);
  });
  layer.replaceChildren(made);
}

export function wordOf(target: EventTarget | null): number | null {
  const found = (target as Element | null)?.closest?.('[data-word]');
  return found instanceof HTMLElement ? Number(found.dataset['word']) : null;
}

/** The selected text in `layer`, with the page's line breaks; null if nothing is selected. */
export function selectedText(layer: HTMLElement, words: readonly FlatWord[]): string | null {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  if (!range.intersectsNode(layer)) return null;
  const spans = [...layer.children].filter((span) => range.intersectsNode(span));
  const first = spans[0];
  const last = spans.at(-1);
  if (!(first instanceof HTMLElement) || !(last instanceof HTMLElement)) return null;
  const from = Number(first.dataset['word']);
  const to = Number(last.dataset['word']);
  let text = textOf(words, from, to);
  // The first and last word may be selected partly.
  if (last.contains(range.endContainer)) {
    const cut = (words[to]?.text.length ?? 0) - range.endOffset;
    if (range.endContainer.nodeType === Node.TEXT_NODE && cut > 0) text = text.slice(0, -cut);
  }
  if (first.contains(range.startContainer) && range.startContainer.nodeType === Node.TEXT_NODE) {
    text = text.slice(range.startOffset);
  }
  return text;
}
