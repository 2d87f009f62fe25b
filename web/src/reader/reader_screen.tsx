// One page: its image and its text side by side.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { addresses } from '../api/client';
import { useKeys } from '../base/use_keys';
import { useTitle } from '../base/use_title';
import { AgainDialog } from '../parts/again_dialog';
import { ErrorBox } from '../parts/error_box';
import { PageThumb } from '../parts/page_thumb';
import { VirtualCells } from '../parts/virtual_cells';
import type { LiveDocument } from '../state/document';
import { isFinal } from '../state/job_rules';
import { go, paths } from '../state/router';
import { texts } from '../texts';
import type { DocumentSearch } from './document_search';
import { PageAbsent } from './page_absent';
import type { LoadedPage, PageContents } from './page_contents';
import { PageImage } from './page_image';
import { PageText } from './page_text';
import type { ReaderState } from './reader_state';
import { ReaderToolbar } from './reader_toolbar';
import { SearchPanel } from './search_panel';
import { hitsAmong } from './words';

const t = texts.reader;
const THUMB_HEIGHT = 148;

interface Props {
  doc: LiveDocument;
  number: number;
  state: ReaderState;
  search: DocumentSearch;
  contents: PageContents;
}

/** Loads the page's content when it is available, then prefetches the next page. */
function useContent({ doc, number, contents }: Props) {
  const [loaded, setLoaded] = useState<LoadedPage | null>(null);
  const [error, setError] = useState<unknown>(null);
  const page = doc.page(number);
  const ready = page?.status === 'completed' || page?.status === 'failed';
  useEffect(() => {
    setLoaded(null);
    setError(null);
    if (!page || !ready) return;
    let current = true;
    contents.get(number, page.edition).then(
      (found) => {
        if (!current) return;
        setLoaded(found);
        const next = doc.pages[doc.position(number) + 1];
        if (next?.status !== 'completed') return;
        contents.get(next.page, next.edition).catch(() => undefined);
        new Image().src = addresses.preview(doc.id, next.page, next.edition);
      },
      (trouble) => current && setError(trouble),
    );
    return () => {
      current = false;
    };
  }, [number, ready, page?.edition]);
  return { loaded: loaded?.content.page === number ? loaded : null, error };
}

function useReaderKeys({ doc, number, state, search }: Props, step: (by: number) => void) {
  const to = (place: number) => {
    const page = doc.pages.at(place);
    if (page) go(paths.page(doc.id, page.page));
  };
  useKeys({
    ArrowRight: () => step(1),
    ArrowLeft: () => step(-1),
    n: () => step(1),
    p: () => step(-1),
    Home: () => to(0),
    End: () => to(-1),
    '+': () => state.zoomBy(1),
    '=': () => state.zoomBy(1),
    '-': () => state.zoomBy(-1),
    '0': () => (state.zoom.value = { kind: 'width' }),
    '9': () => (state.zoom.value = { kind: 'page' }),
    c: () => (state.tint.value = !state.tint.value),
    v: () => state.nextView(),
    '/': () => {
      search.open.value = true;
      document.querySelector<HTMLInputElement>('.search-panel input')?.select();
    },
    Escape: () => {
      if (search.open.value) search.open.value = false;
      else if (state.word.value) state.word.value = null;
      else go(paths.document(doc.id));
    },
  });
  void number;
}

function PageFacts({ loaded }: { loaded: LoadedPage | null }) {
  const content = loaded?.content;
  if (!content?.completed) return null;
  const source = content.source === 'text_layer' ? texts.pages.textLayer : content.source;
  return (
    <p class="page-facts faint">
      {t.facts(content.language, source)}
      {content.confidence !== null && content.source !== 'text_layer' && (
        <span> · {texts.pages.confidenceLong(content.confidence)}</span>
      )}
    </p>
  );
}

export function ReaderScreen(props: Props) {
  const { doc, number, state, search } = props;
  void doc.version.value;
  const page = doc.page(number);
  const job = doc.job.value;
  const { loaded, error } = useContent(props);
  const [again, setAgain] = useState(false);
  const query = search.open.value ? search.query.value : '';
  const hits = useMemo(() => (loaded ? hitsAmong(loaded.words, query) : []), [loaded, query]);
  const current = search.current.value;
  const currentHit = current?.page === number ? current.nth : null;

  const step = (by: number) => {
    const next = doc.pages[doc.position(number) + by];
    if (next) go(paths.page(doc.id, next.page));
  };
  useReaderKeys(props, step);
  useTitle(`${texts.pages.page(number)} · ${job?.file_name ?? ''}`);
  useEffect(() => {
    state.word.value = null;
  }, [number]);

  if (!page || !job) {
    return (
      <main id="content" class="not-found" tabIndex={-1}>
        <h1>{t.noPage(number)}</h1>
        <a class="button" href={paths.document(doc.id)}>
          {t.overview}
        </a>
      </main>
    );
  }
  const view = state.view.value;
  const completed = page.status === 'completed';
  return (
    <main id="content" class={`reader reader-${view}`} tabIndex={-1}>
      <ReaderToolbar
        doc={doc}
        page={page}
        state={state}
        search={search}
        onStep={step}
        onAgain={() => setAgain(true)}
      />
      <p class="off-screen" role="status">
        {texts.pages.thumb(number, texts.pages.states[page.status])}
      </p>
      <div class="reader-body">
        {search.open.value ? (
          <SearchPanel
            doc={doc}
            search={search}
            page={number}
            onHit={(hit) => go(paths.page(doc.id, hit.page))}
          />
        ) : (
          <nav class="strip" aria-label={t.thumbs}>
            <VirtualCells
              label={t.thumbs}
              count={doc.pages.length}
              minWidth={96}
              height={THUMB_HEIGHT}
              gap={8}
              ownScroll
              keepInSight={doc.position(number)}
              render={(index) => {
                const each = doc.pages[index];
                return each && <PageThumb job={doc.id} page={each} current={each.page === number} />;
              }}
            />
          </nav>
        )}
        {error !== null && <ErrorBox error={error} />}
        {error === null && !completed && (
          <PageAbsent
            page={page}
            loaded={loaded}
            ended={isFinal(job.status)}
            onAgain={() => setAgain(true)}
          />
        )}
        {error === null && completed && view !== 'text' && (
          <PageImage
            job={doc.id}
            page={page}
            loaded={loaded}
            state={state}
            hits={hits}
            currentHit={currentHit}
          />
        )}
        {error === null && completed && view !== 'image' && (
          <div class="text-side">
            <PageText loaded={loaded} state={state} hits={hits} currentHit={currentHit} />
            {loaded?.words.length === 0 && <p class="faint no-words">{t.noWords}</p>}
            <PageFacts loaded={loaded} />
          </div>
        )}
      </div>
      {again && (
        <AgainDialog
          doc={doc}
          pages={[number]}
          language={loaded?.content.language ?? 'eng'}
          onClose={() => setAgain(false)}
        />
      )}
    </main>
  );
}
