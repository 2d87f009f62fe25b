// A document's pages as thumbnails, which fill in as they are processed.
import { useState } from 'preact/hooks';
import { useKeys } from '../base/use_keys';
import { useTitle } from '../base/use_title';
import { DocumentHead } from '../parts/document_head';
import { Icon } from '../parts/icon';
import { PageThumb } from '../parts/page_thumb';
import { Segmented } from '../parts/segmented';
import { VirtualCells } from '../parts/virtual_cells';
import type { DocumentSearch } from '../reader/document_search';
import { SearchPanel } from '../reader/search_panel';
import type { LiveDocument } from '../state/document';
import { isFinal, pagesToReview } from '../state/job_rules';
import { go, paths } from '../state/router';
import { texts } from '../texts';

const t = texts.pages;

interface Props {
  doc: LiveDocument;
  search: DocumentSearch;
}

export function DocumentOverview({ doc, search }: Props) {
  void doc.version.value;
  const [which, setWhich] = useState<'all' | 'review'>('all');
  const job = doc.job.value;
  useKeys({
    '/': () => (search.open.value = true),
    Escape: () => (search.open.value ? (search.open.value = false) : go(paths.documents)),
  });
  const title = !job
    ? texts.jobs.heading
    : isFinal(job.status)
      ? job.file_name
      : texts.job.titleProgress(job.progress.percent, job.file_name);
  useTitle(title);
  if (!job) return null;
  const review = pagesToReview(doc.pages);
  const pages = which === 'all' ? doc.pages : review;
  return (
    <main id="content" class="document" tabIndex={-1}>
      <DocumentHead doc={doc} job={job} />
      <div class="pages-tools">
        <h2 class="off-screen">{t.heading}</h2>
        <Segmented
          label={t.filterLabel}
          name="pages"
          choices={[
            { value: 'all', label: t.all },
            { value: 'review', label: t.review(review.length) },
          ]}
          value={which}
          onChange={setWhich}
        />
        <button
          type="button"
          class="button"
          aria-expanded={search.open.value}
          aria-keyshortcuts="/"
          onClick={() => (search.open.value = !search.open.value)}
        >
          <Icon name="search" />
          {texts.search.open}
        </button>
      </div>
      {search.open.value && (
        <SearchPanel
          doc={doc}
          search={search}
          page={null}
          onHit={(hit) => go(paths.page(doc.id, hit.page))}
        />
      )}
      {which === 'review' && review.length === 0 && <p class="faint">{t.nothingToReview}</p>}
      <VirtualCells
        label={t.heading}
        count={pages.length}
        minWidth={132}
        height={214}
        gap={20}
        render={(index) => {
          const page = pages[index];
          return page && <PageThumb job={doc.id} page={page} />;
        }}
      />
    </main>
  );
}
