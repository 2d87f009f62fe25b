// Shown instead of a page's image and text if it is not processed yet or has failed.
import type { Page } from '../api/types';
import { asSentence } from '../base/format';
import { Icon } from '../parts/icon';
import { errorInWords } from '../state/job_rules';
import { texts } from '../texts';
import type { LoadedPage } from './page_contents';

const t = texts.reader;

interface Props {
  page: Page;
  loaded: LoadedPage | null;
  /** The job is final: no more pages will be processed. */
  ended: boolean;
  onAgain: () => void;
}

export function PageAbsent({ page, loaded, ended, onAgain }: Props) {
  if (page.status === 'failed') {
    const error = loaded?.content.error;
    return (
      <div class="page-absent" role="alert">
        <Icon name="warn" />
        <h2>{t.failedPage}</h2>
        <p>{error ? asSentence(error.message) : errorInWords(page.error ?? '')}</p>
        {error?.hint && <p class="faint">{asSentence(error.hint)}</p>}
        <button type="button" class="button primary" onClick={onAgain}>
          {t.again}
        </button>
      </div>
    );
  }
  return (
    <div class="page-absent" role="status">
      <span class={ended ? 'blank-sheet' : 'blank-sheet waiting'} aria-hidden="true" />
      <h2>{ended ? t.neverRead : t.notYet}</h2>
      <p class="faint">{ended ? t.neverReadHelp : t.notYetHelp}</p>
    </div>
  );
}
