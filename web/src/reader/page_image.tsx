// The page's image with zoom and pan, under a layer of selectable words.
import { useEffect, useRef, useState } from 'preact/hooks';
import { addresses } from '../api/client';
import type { Page } from '../api/types';
import { texts } from '../texts';
import { MarkLayer } from './mark_layer';
import type { LoadedPage } from './page_contents';
import type { ReaderState } from './reader_state';
import { usePanZoom } from './use_pan_zoom';
import { fillWordLayer, selectedText, wordOf } from './word_layer';

interface Props {
  job: string;
  page: Page;
  loaded: LoadedPage | null;
  state: ReaderState;
  hits: readonly [number, number][];
  currentHit: number | null;
}

const SCREEN_DPI = 96;
const PAPER_DPI = 300;
const MARGIN = 24;
/** Of the preview image. A page that is shown larger gets the full-resolution image. */
const PREVIEW_LONGER_SIDE = 1400;
const A4 = { width: 2480, height: 3508 };

/** The size of the last page, assumed for the next one until its own size is known. */
let lastSize = A4;

function useBoxSize(box: { current: HTMLElement | null }) {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() =>
      setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return size;
}

export function PageImage({ job, page, loaded, state, hits, currentHit }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const sheet = useRef<HTMLDivElement>(null);
  const layer = useRef<HTMLDivElement>(null);
  const box = useBoxSize(scroller);
  const [rasterThere, setRasterThere] = useState('');

  if (loaded && loaded.content.width > 0) {
    lastSize = { width: loaded.content.width, height: loaded.content.height };
  }
  const { width, height } = lastSize;
  const zoom = state.zoom.value;
  const paper = SCREEN_DPI / PAPER_DPI;
  const toWidth = Math.max(100, box.width - 2 * MARGIN) / (width * paper);
  const toPage = Math.min(toWidth, Math.max(100, box.height - 2 * MARGIN) / (height * paper));
  const scale = zoom.kind === 'scale' ? zoom.scale : zoom.kind === 'width' ? toWidth : toPage;
  const shownWidth = Math.round(width * paper * scale);
  const shownHeight = Math.round((shownWidth * height) / width);
  useEffect(() => {
    if (box.width > 0 && zoom.kind !== 'scale') state.scale.value = scale;
  }, [scale, zoom, box.width]);

  usePanZoom(scroller, sheet, state, shownWidth);

  useEffect(() => {
    scroller.current?.scrollTo(0, 0);
  }, [page.page]);

  useEffect(() => {
    if (!layer.current) return;
    if (loaded) fillWordLayer(layer.current, loaded.words, width, height);
    else layer.current.replaceChildren();
  }, [loaded]);

  useEffect(() => {
    const copy = (event: ClipboardEvent) => {
      const text = loaded && layer.current ? selectedText(layer.current, loaded.words) : null;
      if (text === null) return;
      event.clipboardData?.setData('text/plain', text);
      event.preventDefault();
    };
    document.addEventListener('copy', copy);
    return () => document.removeEventListener('copy', copy);
  }, [loaded]);

  const longer = Math.max(shownWidth, shownHeight) * devicePixelRatio;
  const raster = addresses.raster(job, page.page, page.edition);
  const word = state.word.value;
  return (
    <div
      class="page-scroll"
      ref={scroller}
      tabIndex={0}
      role="region"
      aria-label={texts.reader.imageRegion}
      onKeyDown={(event) => {
        // Left and right scroll a page that is wider than its box; otherwise they change the page.
        const { scrollWidth, clientWidth } = event.currentTarget;
        if (/^Arrow(Left|Right)$/.test(event.key) && scrollWidth > clientWidth) event.stopPropagation();
      }}
    >
      <div
        class="page-sheet"
        ref={sheet}
        style={{ width: `${shownWidth}px`, height: `${shownHeight}px` }}
      >
        <img
          key={`${page.page}/${page.edition}`}
          class="page-picture"
          src={addresses.preview(job, page.page, page.edition)}
          alt={texts.reader.image(page.page)}
          draggable={false}
          onLoad={(event) => event.currentTarget.classList.add('there')}
        />
        {longer > PREVIEW_LONGER_SIDE * 1.1 && box.width > 0 && (
          <img
            key={raster}
            class={rasterThere === raster ? 'page-picture there' : 'page-picture'}
            src={raster}
            alt=""
            draggable={false}
            decoding="async"
            data-raster
            onLoad={() => setRasterThere(raster)}
          />
        )}
        {loaded && (
          <MarkLayer
            words={loaded.words}
            width={width}
            height={height}
            tint={state.tint.value}
            hits={hits}
            currentHit={currentHit}
            word={word?.index ?? null}
            followWord={word?.from === 'text'}
          />
        )}
        <div
          class="word-layer"
          ref={layer}
          aria-hidden="true"
          onClick={(event) => {
            const index = wordOf(event.target);
            if (index !== null && getSelection()?.isCollapsed !== false) {
              state.word.value = { index, from: 'image' };
            }
          }}
        />
      </div>
    </div>
  );
}
