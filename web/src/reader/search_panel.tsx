// Search in the document: the query and the pages that match.
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { ErrorBox } from '../parts/error_box';
import { IconButton } from '../parts/icon_button';
import { isFinal } from '../state/job_rules';
import type { LiveDocument } from '../state/document';
import { texts } from '../texts';
import type { CurrentHit, DocumentSearch, PageHits } from './document_search';

const t = texts.search;
const SHOWN = 200;

interface Props {
  doc: LiveDocument;
  search: DocumentSearch;
  page: number | null;
  onHit: (hit: CurrentHit) => void;
}

function HitRow({ hit, current, onClick }: { hit: PageHits; current: boolean; onClick: () => void }) {
  return (
    <li>
      <button
        type="button"
        class="hit-row"
        aria-label={t.onPage(hit.page, hit.count)}
        aria-current={current ? 'true' : undefined}
        onClick={onClick}
      >
        <span class="hit-head">
          <span>{texts.pages.page(hit.page)}</span>
          <span class="faint">{hit.count}</span>
        </span>
        {hit.snippets.map(([before, found, after], index) => (
          <span class="hit-snippet" key={index}>
            …{before}
            <mark>{found}</mark>
            {after}…
          </span>
        ))}
      </button>
    </li>
  );
}

export function SearchPanel({ doc, search, page, onHit }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<number | undefined>(undefined);
  const job = doc.job.value;
  const hits = search.hits.value;
  const query = search.query.value.trim();

  const find = (text: string) =>
    search.find(
      text,
      doc.pages.map((each) => each.page),
      job?.revision ?? 0,
    );
  // In a layout effect, so that keys typed right after "/" go into this field.
  useLayoutEffect(() => input.current?.select(), []);
  // Pages that are new since the last search may match too.
  useEffect(() => {
    if (search.query.value) void find(search.query.value);
  }, [job?.status]);

  const step = (by: 1 | -1) => {
    const hit = search.step(by, page);
    if (hit) onHit(hit);
  };
  const found =
    query === ''
      ? ''
      : hits.length === 0
        ? t.none
        : search.position > 0
          ? t.position(search.position, search.total)
          : t.hits(search.total, hits.length);
  return (
    <section class="search-panel" aria-label={t.label}>
      <div class="search-head" role="search">
        <input
          ref={input}
          type="search"
          class="search-input"
          aria-label={t.label}
          placeholder={t.placeholder}
          defaultValue={search.query.value}
          onInput={(event) => {
            const text = event.currentTarget.value;
            clearTimeout(timer.current);
            timer.current = window.setTimeout(() => void find(text), 120);
          }}
          onKeyDown={(event) => {
            if (event.key === 'Escape') {
              event.stopPropagation();
              search.open.value = false;
            }
            if (event.key !== 'Enter') return;
            event.preventDefault();
            clearTimeout(timer.current);
            const by = event.shiftKey ? -1 : 1;
            void find(event.currentTarget.value).then(() => step(by));
          }}
        />
        <IconButton
          icon="close"
          label={t.close}
          onClick={() => {
            search.open.value = false;
            void find('');
          }}
        />
      </div>
      <div class="search-steps">
        <span class="faint" role="status">
          {search.loading.value ? t.loading : found}
        </span>
        <IconButton
          icon="back"
          label={t.previous}
          disabled={hits.length === 0}
          onClick={() => step(-1)}
        />
        <IconButton
          icon="forward"
          label={t.next}
          disabled={hits.length === 0}
          onClick={() => step(1)}
        />
      </div>
      {job && !isFinal(job.status) && <p class="faint small-print">{t.partial}</p>}
      {search.error.value !== null && <ErrorBox error={search.error.value} />}
      <ul class="plain-list hit-list" aria-label={t.results}>
        {hits.slice(0, SHOWN).map((hit) => (
          <HitRow
            key={hit.page}
            hit={hit}
            current={search.current.value?.page === hit.page}
            onClick={() => onHit(search.show(hit.page, 0))}
          />
        ))}
      </ul>
    </section>
  );
}
