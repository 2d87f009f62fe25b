// One document in the list.
import { addresses } from '../api/client';
import type { Job } from '../api/types';
import { formatAgo, formatDuration, formatRate, formatTime } from '../base/format';
import { deleteWithUndo } from '../state/deletions';
import { isFinal, pagesDone, pagesPerMinute } from '../state/job_rules';
import { paths } from '../state/router';
import { texts } from '../texts';
import { DownloadMenu } from './download_menu';
import { Icon } from './icon';
import { IconButton } from './icon_button';
import { ProgressBar } from './progress_bar';
import { StateBadge } from './state_badge';

function Cover({ job }: { job: Job }) {
  // If the page range excludes page 1, there is no such image and the icon remains.
  return (
    <span class="cover" aria-hidden="true">
      <Icon name="page" />
      {job.pages.completed > 0 && (
        <img
          src={addresses.preview(job.job_id, 1, 0)}
          alt=""
          loading="lazy"
          decoding="async"
          onLoad={(event) => event.currentTarget.classList.add('there')}
        />
      )}
    </span>
  );
}

function Running({ job }: { job: Job }) {
  const total = job.progress.total_pages;
  const rate = pagesPerMinute(job);
  return (
    <>
      <ProgressBar
        label={texts.job.progress(job.file_name)}
        share={pagesDone(job) / total}
        failedShare={job.pages.failed / total}
        moving
      />
      <span class="job-facts faint">
        <span>{texts.job.done(pagesDone(job), total)}</span>
        {rate !== null && <span>{formatRate(rate)}</span>}
        {job.eta_seconds !== null && (
          <span>{texts.job.left(formatDuration(job.eta_seconds))}</span>
        )}
      </span>
    </>
  );
}

function Finished({ job }: { job: Job }) {
  return (
    <span class="job-facts faint">
      <span>{texts.job.pages(job.progress.total_pages)}</span>
      {job.pages.failed > 0 && <span>{texts.job.failedPages(job.pages.failed)}</span>}
      <time dateTime={job.created_at} title={formatTime(job.created_at)}>
        {formatAgo(job.created_at)}
      </time>
    </span>
  );
}

export function JobRow({ job }: { job: Job }) {
  return (
    <li class="job-row" data-job={job.job_id}>
      <Cover job={job} />
      <div class="job-main">
        <a class="job-name" href={paths.document(job.job_id)}>
          {job.file_name}
        </a>
        {isFinal(job.status) ? <Finished job={job} /> : <Running job={job} />}
      </div>
      <StateBadge state={job.status} />
      <div class="job-tools">
        <DownloadMenu job={job} quiet />
        <IconButton
          icon="trash"
          label={texts.job.removeNamed(job.file_name)}
          onClick={() => deleteWithUndo(job.job_id, job.file_name)}
        />
      </div>
    </li>
  );
}
