// The position in the document, and the actions for the page.
import { addresses, client } from '../api/client';
import type { Page } from '../api/types';
import { copyText } from '../base/copy';
import { Icon } from '../parts/icon';
import { IconButton } from '../parts/icon_button';
import { Menu } from '../parts/menu';
import { Segmented } from '../parts/segmented';
import type { LiveDocument } from '../state/document';
import { say, sayError } from '../state/notices';
import { go, paths } from '../state/router';
import { texts } from '../texts';
import type { DocumentSearch } from './document_search';
import type { ReaderState, View } from './reader_state';

const t = texts.reader;
const VIEWS: { value: View; label: string }[] = [
  { value: 'both', label: t.views.both },
  { value: 'image', label: t.views.image },
  { value: 'text', label: t.views.text },
];

interface Props {
  doc: LiveDocument;
  page: Page;
  state: ReaderState;
  search: DocumentSearch;
  onStep: (by: number) => void;
  onAgain: () => void;
}

function PageSteps({ doc, page, onStep }: Pick<Props, 'doc' | 'page' | 'onStep'>) {
  const place = doc.position(page.page);
  return (
    <div class="page-steps">
      <IconButton
        icon="back"
        label={t.previous}
        shortcut="p"
        disabled={place <= 0}
        onClick={() => onStep(-1)}
      />
      <input
        key={page.page}
        class="page-number"
        type="text"
        inputMode="numeric"
        aria-label={t.pageNumber}
        defaultValue={String(page.page)}
        onChange={(event) => {
          const wanted = Number(event.currentTarget.value);
          if (doc.page(wanted)) go(paths.page(doc.id, wanted));
          else event.currentTarget.value = String(page.page);
        }}
      />
      <span class="faint">{t.of(doc.pages.at(-1)?.page ?? 0)}</span>
      <IconButton
        icon="forward"
        label={t.next}
        shortcut="n"
        disabled={place >= doc.pages.length - 1}
        onClick={() => onStep(1)}
      />
    </div>
  );
}

function ZoomTools({ state }: { state: ReaderState }) {
  const zoom = state.zoom.value;
  return (
    <div class="zoom-tools">
      <IconButton icon="minus" label={t.zoomOut} shortcut="-" onClick={() => state.zoomBy(-1)} />
      <span class="zoom-level" aria-live="polite">
        {t.zoomLevel(Math.round(state.scale.value * 100))}
      </span>
      <IconButton icon="plus" label={t.zoomIn} shortcut="+" onClick={() => state.zoomBy(1)} />
      <IconButton
        icon="width"
        label={t.fitWidth}
        shortcut="0"
        pressed={zoom.kind === 'width'}
        onClick={() => (state.zoom.value = { kind: 'width' })}
      />
      <IconButton
        icon="page"
        label={t.fitPage}
        shortcut="9"
        pressed={zoom.kind === 'page'}
        onClick={() => (state.zoom.value = { kind: 'page' })}
      />
    </div>
  );
}

function MoreMenu({ doc, page, onAgain }: Pick<Props, 'doc' | 'page' | 'onAgain'>) {
  const copyPage = async () => {
    await copyText(await client.pageText(doc.id, page.page));
    say({ kind: 'said', text: texts.job.copied });
  };
  const copyLink = async () => {
    await copyText(location.origin + paths.page(doc.id, page.page));
    say({ kind: 'said', text: t.linkCopied });
  };
  const done = page.status === 'completed';
  return (
    <Menu label={<Icon name="more" />} name={t.more} quiet>
      <button type="button" disabled={!done} onClick={() => void copyPage().catch(sayError)}>
        {t.copyText}
      </button>
      <button type="button" onClick={() => void copyLink().catch(sayError)}>
        {t.copyLink}
      </button>
      <button type="button" onClick={onAgain}>
        {t.again}
      </button>
      {done && (
        <>
          <span class="menu-heading">{t.downloadPage}</span>
          {['txt', 'json', 'hocr', 'png', 'jpg'].map((ending) => (
            <a
              key={ending}
              href={addresses.pageFile(doc.id, page.page, ending)}
              download={`page-${page.page}.${ending}`}
            >
              {ending}
            </a>
          ))}
        </>
      )}
    </Menu>
  );
}

export function ReaderToolbar({ doc, page, state, search, onStep, onAgain }: Props) {
  return (
    <div class="reader-toolbar" role="group" aria-label={t.tools}>
      <a class="icon-button" href={paths.document(doc.id)} aria-label={t.overview} title={t.overview}>
        <Icon name="grid" />
      </a>
      <h1 class="reader-name" title={doc.job.value?.file_name}>
        {doc.job.value?.file_name}
        <span class="off-screen">, {texts.pages.page(page.page)}</span>
      </h1>
      <PageSteps doc={doc} page={page} onStep={onStep} />
      {state.view.value !== 'text' && <ZoomTools state={state} />}
      <Segmented
        label={t.view}
        name="view"
        choices={VIEWS}
        value={state.view.value}
        onChange={(view) => (state.view.value = view)}
      />
      <div class="toolbar-end">
        <IconButton
          icon="doubt"
          label={t.tint}
          shortcut="c"
          pressed={state.tint.value}
          onClick={() => (state.tint.value = !state.tint.value)}
        />
        <IconButton
          icon="search"
          label={texts.search.open}
          shortcut="/"
          pressed={search.open.value}
          onClick={() => (search.open.value = !search.open.value)}
        />
        <MoreMenu doc={doc} page={page} onAgain={onAgain} />
      </div>
    </div>
  );
}
