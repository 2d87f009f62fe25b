// The document on screen: its job and its pages, updated live.
//
// Life: opened → snapshot → pages change → final; a retry makes it live again. Closed when the user leaves
// the document. Updates arrive many times a second and are shown a few times a second.
import { signal } from '@preact/signals';
import { client, ProblemError } from '../api/client';
import type { Job, Page, PageEvent, Problem } from '../api/types';
import { watchJob, type JobWatch } from './job_watch';
import { isFinal } from './job_rules';

const SHOW_EVERY_MS = 80;

/** Keeps only the fields that are shown, because thousands of pages are in memory at once. */
function slim(page: Page): Page {
  const { page: number, status, confidence, source, error, edition, completed_at } = page;
  return { page: number, status, confidence, source, error, edition, completed_at };
}

export class LiveDocument {
  readonly job = signal<Job | null>(null);
  /** Increases when a page changes; the pages themselves are changed in place. */
  readonly version = signal(0);
  readonly problem = signal<Problem | null>(null);
  readonly gone = signal(false);
  pages: Page[] = [];
  private place = new Map<number, number>();
  private watch: JobWatch | null = null;
  private newestJob: Job | null = null;
  private timer: number | undefined;
  private pagesChanged = false;
  private closed = false;

  constructor(readonly id: string) {
    this.startWatching();
  }

  page(number: number): Page | null {
    const place = this.place.get(number);
    return place === undefined ? null : (this.pages[place] ?? null);
  }

  /** Index among the job's pages (a job can have a page range), or -1. */
  position(number: number): number {
    return this.place.get(number) ?? -1;
  }

  /** Call after a request that makes a final job run again. */
  async restart(job: Job) {
    this.takeJob(job);
    const list = await client.pages(this.id);
    if (this.closed) return;
    this.takePages(list.pages);
    this.startWatching();
  }

  close() {
    this.closed = true;
    this.watch?.close();
    clearTimeout(this.timer);
  }

  private startWatching() {
    this.watch?.close();
    this.watch = watchJob(this.id, {
      job: (job) => this.takeJob(job),
      pages: (pages) => this.takePages(pages),
      page: (event) => this.takePage(event),
      gone: () => (this.gone.value = true),
      revision: () => this.newestJob?.revision ?? 0,
      problem: (error: ProblemError) => {
        if (error.problem.status === 404 || error.problem.status === 410) this.gone.value = true;
        this.problem.value = error.problem;
      },
    });
  }

  private takeJob(job: Job) {
    if (this.newestJob && job.revision < this.newestJob.revision) return;
    this.newestJob = job;
    this.problem.value = null;
    this.showSoon(isFinal(job.status) || this.job.value === null);
  }

  private takePages(pages: Page[]) {
    this.pages = pages.map(slim);
    this.place = new Map(this.pages.map((page, index) => [page.page, index]));
    this.pagesChanged = true;
    this.showSoon(true);
  }

  private takePage(event: PageEvent) {
    const page = this.page(event.page);
    if (!page) return;
    // The event has no edition. If a final page changes, it was processed again.
    if (page.status === 'completed' || page.status === 'failed') page.edition += 1;
    page.status = event.status;
    page.confidence = event.confidence;
    page.source = event.source;
    page.error = event.error;
    this.pagesChanged = true;
    this.showSoon(false);
  }

  private showSoon(atOnce: boolean) {
    if (atOnce) {
      clearTimeout(this.timer);
      this.show();
    } else {
      this.timer ??= window.setTimeout(() => this.show(), SHOW_EVERY_MS);
    }
  }

  private show() {
    this.timer = undefined;
    this.job.value = this.newestJob;
    if (this.pagesChanged) this.version.value += 1;
    this.pagesChanged = false;
  }
}
