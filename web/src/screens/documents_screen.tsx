// The home screen: upload and the list of documents.
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { useKeys } from '../base/use_keys';
import { useTitle } from '../base/use_title';
import { DropZone } from '../parts/drop_zone';
import { ErrorBox } from '../parts/error_box';
import { JobRow } from '../parts/job_row';
import { Segmented } from '../parts/segmented';
import { SubmitOptions } from '../parts/submit_options';
import { UploadList } from '../parts/upload_list';
import { hidden } from '../state/deletions';
import { FILTERS, JobListState, type Filter } from '../state/job_list';
import { isFinal } from '../state/job_rules';
import { say } from '../state/notices';
import { languages } from '../state/server_facts';
import { texts } from '../texts';
import { submitOptions } from '../upload/chosen_options';
import { addFiles, onSubmitted } from '../upload/upload_queue';

const t = texts.jobs;

const FILTER_CHOICES = (Object.keys(FILTERS) as Filter[]).map((value) => ({
  value,
  label: t.filters[value],
}));

function ListTools({ list }: { list: JobListState }) {
  const timer = useRef<number | undefined>(undefined);
  return (
    <div class="list-tools" role="search">
      <input
        type="search"
        class="search-input"
        data-search
        aria-label={t.search}
        placeholder={t.search}
        value={list.search.value}
        onInput={(event) => {
          const value = event.currentTarget.value;
          clearTimeout(timer.current);
          timer.current = window.setTimeout(() => list.setSearch(value), 200);
        }}
      />
      <Segmented
        label={t.filterLabel}
        name="filter"
        choices={FILTER_CHOICES}
        value={list.filter.value}
        onChange={(filter) => list.setFilter(filter)}
      />
    </div>
  );
}

function NothingThere({ list }: { list: JobListState }) {
  const filtered = list.filter.value !== 'all' || list.search.value !== '';
  return (
    <div class="empty">
      <p class="empty-heading">{filtered ? t.noMatch : t.empty}</p>
      <p class="faint">{filtered ? t.noMatchHelp : t.emptyHelp}</p>
      {filtered && (
        <button
          type="button"
          class="button"
          onClick={() => {
            list.search.value = '';
            list.setFilter('all');
          }}
        >
          {t.showAll}
        </button>
      )}
    </div>
  );
}

function Parts({ list }: { list: JobListState }) {
  const part = list.trail.value.length;
  if (part === 1 && !list.hasOlder.value) return null;
  return (
    <nav class="parts" aria-label={t.heading}>
      <button type="button" class="button" disabled={part === 1} onClick={() => list.newer()}>
        {t.newer}
      </button>
      <span class="faint">{t.part(part)}</span>
      <button
        type="button"
        class="button"
        disabled={!list.hasOlder.value}
        onClick={() => list.older()}
      >
        {t.older}
      </button>
    </nav>
  );
}

function upload(files: File[]) {
  const options = submitOptions(languages.value);
  if (options) addFiles(files, options);
  else say({ kind: 'error', text: texts.options.notUploaded, hint: texts.options.notUploadedHint });
}

export function DocumentsScreen() {
  const list = useMemo(() => new JobListState(), []);
  useEffect(() => {
    onSubmitted(() => void list.refresh());
    return () => {
      onSubmitted(() => undefined);
      list.close();
    };
  }, []);

  useKeys({ '/': () => document.querySelector<HTMLInputElement>('[data-search]')?.focus() });
  const jobs = list.jobs.value?.filter((job) => !hidden.value.has(job.job_id)) ?? null;
  const running = jobs?.filter((job) => !isFinal(job.status)).length ?? 0;
  useTitle(running > 0 ? t.titleRunning(running) : t.heading);
  const filtered = list.filter.value !== 'all' || list.search.value !== '';
  const nothingYet = jobs?.length === 0 && !filtered && list.trail.value.length === 1;
  return (
    <main id="content" class="documents" tabIndex={-1}>
      <h1 class={nothingYet ? 'off-screen' : undefined}>{t.heading}</h1>
      <DropZone large={nothingYet} onFiles={upload} />
      <SubmitOptions />
      <UploadList />
      {!nothingYet && <ListTools list={list} />}
      <p class="off-screen" role="status">
        {running > 0 ? t.running(running) : ''}
      </p>
      {list.error.value !== null && jobs === null && <ErrorBox error={list.error.value} />}
      {jobs === null && list.error.value === null && <p class="faint loading">{t.loading}</p>}
      {jobs?.length === 0 && <NothingThere list={list} />}
      {jobs !== null && jobs.length > 0 && (
        <ul class="plain-list job-list">
          {jobs.map((job) => (
            <JobRow key={job.job_id} job={job} />
          ))}
        </ul>
      )}
      <Parts list={list} />
    </main>
  );
}
