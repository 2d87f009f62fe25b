// The job list, one part at a time, refreshed often while one of its jobs is running.
import { signal } from '@preact/signals';
import { client } from '../api/client';
import type { Job } from '../api/types';
import { connection } from './connection';
import { isFinal } from './job_rules';

export const FILTERS = {
  all: '',
  running: 'queued,processing',
  done: 'completed,completed_with_errors',
  trouble: 'completed_with_errors,failed,cancelled',
} as const;
export type Filter = keyof typeof FILTERS;

const PART = 50;
const BUSY_MS = 1000;
const IDLE_MS = 10_000;

export class JobListState {
  readonly jobs = signal<Job[] | null>(null);
  readonly error = signal<unknown>(null);
  readonly filter = signal<Filter>('all');
  readonly search = signal('');
  readonly hasOlder = signal(false);
  /** Cursors of the parts visited so far; the last one is shown. */
  readonly trail = signal<string[]>(['']);
  private next: string | null = null;
  private timer: number | undefined;
  private asked = 0;
  private closed = false;
  private readonly unsubscribe: () => void;

  constructor() {
    document.addEventListener('visibilitychange', this.onVisible);
    let before = connection.value;
    this.unsubscribe = connection.subscribe((now) => {
      if (now === 'online' && before !== 'online') void this.refresh();
      before = now;
    });
    void this.refresh();
  }

  close() {
    this.closed = true;
    this.unsubscribe();
    clearTimeout(this.timer);
    document.removeEventListener('visibilitychange', this.onVisible);
  }

  setFilter(filter: Filter) {
    this.filter.value = filter;
    this.turnTo(['']);
  }

  setSearch(search: string) {
    this.search.value = search;
    this.turnTo(['']);
  }

  older() {
    if (this.next) this.turnTo([...this.trail.value, this.next]);
  }

  newer() {
    if (this.trail.value.length > 1) this.turnTo(this.trail.value.slice(0, -1));
  }

  async refresh(): Promise<void> {
    clearTimeout(this.timer);
    const asked = ++this.asked;
    try {
      const list = await client.listJobs({
        limit: PART,
        state: FILTERS[this.filter.value],
        q: this.search.value.trim(),
        cursor: this.trail.value.at(-1) ?? '',
      });
      if (asked !== this.asked || this.closed) return;
      this.jobs.value = list.jobs;
      this.next = list.next_cursor;
      this.hasOlder.value = list.next_cursor !== null;
      this.error.value = null;
    } catch (error) {
      if (asked !== this.asked || this.closed) return;
      this.error.value = error;
    }
    this.plan();
  }

  /** The next cursor belongs to the part that is shown, so it is unknown until the new part is here. */
  private turnTo(trail: string[]) {
    this.trail.value = trail;
    this.next = null;
    this.hasOlder.value = false;
    void this.refresh();
  }

  private plan() {
    if (document.hidden) return;
    const busy = this.jobs.value?.some((job) => !isFinal(job.status)) || this.error.value !== null;
    this.timer = window.setTimeout(() => void this.refresh(), busy ? BUSY_MS : IDLE_MS);
  }

  private onVisible = () => {
    if (!document.hidden) void this.refresh();
  };
}
