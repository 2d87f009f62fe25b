// A page as a small sheet: blank until it is processed, then its image.
import { addresses } from '../api/client';
import type { Page } from '../api/types';
import { trust } from '../state/job_rules';
import { paths } from '../state/router';
import { texts } from '../texts';
import { Icon } from './icon';

const t = texts.pages;

interface Props {
  job: string;
  page: Page;
  current?: boolean;
}

function Confidence({ page }: { page: Page }) {
  if (page.status === 'failed') return <span class="trust trust-low">{t.states.failed}</span>;
  if (page.status !== 'completed') return <span class="faint">{t.states[page.status]}</span>;
  if (page.source === 'text_layer') return <span class="faint">{t.textLayer}</span>;
  if (page.confidence === null) return null;
  return (
    <span class={`trust trust-${trust(page.confidence)}`}>{t.confidence(page.confidence)}</span>
  );
}

export function PageThumb({ job, page, current = false }: Props) {
  return (
    <a
      class={`thumb thumb-${page.status}`}
      href={paths.page(job, page.page)}
      data-page={page.page}
      aria-current={current ? 'page' : undefined}
      aria-label={[
        t.thumb(page.page, t.states[page.status]),
        page.status === 'completed' && page.confidence !== null
          ? t.confidenceLong(page.confidence)
          : '',
      ]
        .filter(Boolean)
        .join(', ')}
    >
      <span class="thumb-sheet">
        {page.status === 'completed' ? (
          <img
            key={page.edition}
            src={addresses.preview(job, page.page, page.edition)}
            alt=""
            loading="lazy"
            decoding="async"
            onLoad={(event) => event.currentTarget.classList.add('there')}
          />
        ) : (
          page.status === 'failed' && <Icon name="warn" />
        )}
      </span>
      <span class="thumb-caption">
        <span>{page.page}</span>
        <Confidence page={page} />
      </span>
    </a>
  );
}
