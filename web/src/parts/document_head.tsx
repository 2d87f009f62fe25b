// The document's name and progress, and the actions for the whole document.
import { useState } from 'preact/hooks';
import { client, ProblemError } from '../api/client';
import type { Job } from '../api/types';
import { copyText } from '../base/copy';
import { formatDuration, formatRate, formatTime } from '../base/format';
import { deleteWithUndo } from '../state/deletions';
import type { LiveDocument } from '../state/document';
import { errorInWords, isFinal, pagesDone, pagesPerMinute } from '../state/job_rules';
import { say, sayError } from '../state/notices';
import { go, paths } from '../state/router';
import { texts } from '../texts';
import { AgainDialog } from './again_dialog';
import { DownloadMenu } from './download_menu';
import { Icon } from './icon';
import { NotifyButton } from './notify_button';
import { ProgressBar } from './progress_bar';
import { StateBadge } from './state_badge';

const t = texts.job;

function Facts({ job }: { job: Job }) {
  const rate = pagesPerMinute(job);
  const running = !isFinal(job.status);
  return (
    <p class="job-facts faint">
      <span>{t.done(pagesDone(job), job.progress.total_pages)}</span>
      {job.pages.failed > 0 && <span class="trust-low">{t.failedPages(job.pages.failed)}</span>}
      {rate !== null && <span>{formatRate(rate)}</span>}
      {running && job.eta_seconds !== null && <span>{t.left(formatDuration(job.eta_seconds))}</span>}
      {!running && job.expires_at && <span>{t.kept(formatTime(job.expires_at))}</span>}
    </p>
  );
}

function Actions({ doc, job }: { doc: LiveDocument; job: Job }) {
  const [password, setPassword] = useState(false);
  const running = !isFinal(job.status);
  const cancel = async () => {
    await client.cancel(job.job_id);
    say({ kind: 'said', text: t.cancelled });
  };
  const retry = async () => {
    try {
      await doc.restart(await client.retry(job.job_id, {}));
    } catch (error) {
      if (error instanceof ProblemError && error.problem.code === 'password_required')
        return setPassword(true);
      throw error;
    }
  };
  const copyAll = async () => {
    await copyText(await client.textSoFar(job.job_id, new AbortController().signal));
    say({ kind: 'said', text: t.copied });
  };
  const act = (action: () => Promise<void>) => () => void action().catch(sayError);
  return (
    <div class="document-actions">
      {job.pages.completed > 0 && <DownloadMenu job={job} />}
      {job.pages.completed > 0 && (
        <button type="button" class="button" onClick={act(copyAll)}>
          <Icon name="copy" />
          {t.copyAll}
        </button>
      )}
      {!running && job.pages.failed > 0 && job.status !== 'cancelled' && (
        <button type="button" class="button" onClick={act(retry)}>
          <Icon name="again" />
          {t.retryFailed(job.pages.failed)}
        </button>
      )}
      {running && <NotifyButton job={job} />}
      {running && (
        <button type="button" class="button" onClick={act(cancel)}>
          <Icon name="stop" />
          {t.cancel}
        </button>
      )}
      <button
        type="button"
        class="button"
        onClick={() => {
          deleteWithUndo(job.job_id, job.file_name);
          go(paths.documents);
        }}
      >
        <Icon name="trash" />
        {t.remove}
      </button>
      {password && (
        <AgainDialog
          doc={doc}
          pages={doc.pages.filter((page) => page.status === 'failed').map((page) => page.page)}
          language="eng"
          wantsPassword
          onClose={() => setPassword(false)}
        />
      )}
    </div>
  );
}

/** For screen readers: changes about ten times per job, not with every page. */
function spoken(job: Job): string {
  if (isFinal(job.status)) return t.announceEnd(t.states[job.status]);
  const total = job.progress.total_pages;
  const every = Math.max(1, Math.round(total / 10));
  return t.announce(Math.floor(pagesDone(job) / every) * every, total);
}

export function DocumentHead({ doc, job }: { doc: LiveDocument; job: Job }) {
  const total = job.progress.total_pages;
  return (
    <div class="document-head">
      <div class="document-title">
        <a class="back-link" href={paths.documents}>
          <Icon name="back" />
          {t.back}
        </a>
        <h1>{job.file_name}</h1>
        <StateBadge state={job.status} />
      </div>
      {!isFinal(job.status) && (
        <ProgressBar
          label={t.progress(job.file_name)}
          share={pagesDone(job) / total}
          failedShare={job.pages.failed / total}
          moving
        />
      )}
      <Facts job={job} />
      {job.error && job.status === 'failed' && (
        <p class="error-box">
          <Icon name="warn" />
          {errorInWords(job.error)}
        </p>
      )}
      <Actions doc={doc} job={job} />
      <p class="off-screen" role="status">
        {spoken(job)}
      </p>
    </div>
  );
}
