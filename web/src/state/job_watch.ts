// Follows one job through its event stream, which the browser reconnects. After repeated failures it uses
// long polls for a while, then tries the stream again.
import { addresses, client, ProblemError, UnreachableError } from '../api/client';
import type { Job, Page, PageEvent } from '../api/types';
import { heardFromServer, serverUnreachable, whenBack } from './connection';
import { isFinal } from './job_rules';

export interface JobListener {
  job(job: Job): void;
  pages(pages: Page[]): void;
  page(event: PageEvent): void;
  gone(): void;
  problem(error: ProblemError): void;
  revision(): number;
}

export interface JobWatch {
  close(): void;
}

const FAILURES_BEFORE_POLLING = 3;
const POLLS_BEFORE_STREAM = 10;
const TOO_MANY_MS = 5000;

export function watchJob(id: string, listener: JobListener): JobWatch {
  const stop = new AbortController();
  let stream: EventSource | null = null;
  let failures = 0;

  const data = <T>(event: Event) => JSON.parse((event as MessageEvent<string>).data) as T;

  function openStream() {
    if (stop.signal.aborted) return;
    const opened = new EventSource(addresses.events(id));
    stream = opened;
    opened.addEventListener('open', heardFromServer);
    opened.addEventListener('snapshot', (event) => {
      failures = 0;
      const { job, pages } = data<{ job: Job; pages: Page[] }>(event);
      listener.job(job);
      listener.pages(pages);
    });
    opened.addEventListener('page', (event) => listener.page(data<PageEvent>(event)));
    opened.addEventListener('state', (event) => listener.job(data<Job>(event)));
    opened.addEventListener('done', (event) => {
      opened.close();
      const job = data<Job | { status: 'deleted' }>(event);
      if (job.status === 'deleted') listener.gone();
      else listener.job(job as Job);
    });
    opened.addEventListener('error', () => void lostStream(opened));
  }

  /** The browser reconnects after a network failure, but gives up after an error response. */
  async function lostStream(lost: EventSource) {
    if (stop.signal.aborted || lost !== stream) return;
    failures += 1;
    const gaveUp = lost.readyState === EventSource.CLOSED;
    if (!gaveUp && failures < FAILURES_BEFORE_POLLING) return serverIsThere();
    lost.close();
    stream = null;
    if (failures >= FAILURES_BEFORE_POLLING) return poll();
    if (await refresh()) openStream();
  }

  function serverIsThere() {
    client.alive().catch(() => undefined);
  }

  /** Waits until a failed request can be repeated. False if it cannot: the listener then knows why. */
  async function canRetry(error: unknown): Promise<boolean> {
    const status = error instanceof ProblemError ? error.problem.status : 0;
    if (error instanceof ProblemError && status >= 400 && status < 500 && status !== 429) {
      listener.problem(error);
      return false;
    }
    if (status === 429) {
      await new Promise((resolve) => setTimeout(resolve, TOO_MANY_MS));
      return !stop.signal.aborted;
    }
    if (!(error instanceof UnreachableError)) serverUnreachable();
    await whenBack();
    return true;
  }

  /** False if there is nothing more to follow. */
  async function refresh(): Promise<boolean> {
    for (;;) {
      try {
        const job = await client.job(id);
        const list = await client.pages(id, stop.signal);
        if (stop.signal.aborted) return false;
        listener.job(job);
        listener.pages(list.pages);
        return !isFinal(job.status);
      } catch (error) {
        if (stop.signal.aborted) return false;
        if (!(await canRetry(error))) return false;
      }
    }
  }

  async function poll() {
    if (!(await refresh())) return;
    for (let count = 0; count < POLLS_BEFORE_STREAM && !stop.signal.aborted; count += 1) {
      try {
        await client.jobChange(id, listener.revision(), stop.signal);
      } catch (error) {
        if (stop.signal.aborted) return;
        if (!(await canRetry(error))) return;
      }
      if (!(await refresh())) return;
    }
    failures = 0;
    openStream();
  }

  openStream();
  return {
    close: () => {
      stop.abort();
      stream?.close();
    },
  };
}
