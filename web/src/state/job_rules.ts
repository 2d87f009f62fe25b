// Pure functions of jobs and pages.
import { asSentence } from '../base/format';
import type { Job, JobState, Page } from '../api/types';

export function isFinal(state: JobState): boolean {
  return state !== 'queued' && state !== 'processing';
}

export function pagesDone(job: Job): number {
  return job.pages.completed + job.pages.failed;
}

/** From the server's estimate while the job runs, and over its whole duration afterwards. */
export function pagesPerMinute(job: Job): number | null {
  if (!isFinal(job.status)) {
    const left = job.progress.total_pages - pagesDone(job);
    return job.eta_seconds && left > 0 ? (left / job.eta_seconds) * 60 : null;
  }
  const seconds = (Date.parse(job.updated_at) - Date.parse(job.created_at)) / 1000;
  return seconds > 0 && pagesDone(job) > 0 ? (pagesDone(job) / seconds) * 60 : null;
}

export type Trust = 'high' | 'middle' | 'low';

/** How far to trust a word or a page with this confidence (0 to 100). */
export function trust(confidence: number): Trust {
  if (confidence >= 85) return 'high';
  return confidence >= 60 ? 'middle' : 'low';
}

const REVIEW_BELOW = 85;

/** Pages that need review, the worst first: failed pages, then low confidence. */
export function pagesToReview(pages: readonly Page[]): Page[] {
  const rank = (page: Page) => (page.status === 'failed' ? -1 : (page.confidence ?? 0));
  return pages
    .filter(
      (page) =>
        page.status === 'failed' ||
        (page.status === 'completed' &&
          page.confidence !== null &&
          page.confidence < REVIEW_BELOW),
    )
    .sort((a, b) => rank(a) - rank(b) || a.page - b.page);
}

/** An error without its code, as a sentence: "damaged: the PDF is damaged" as "The PDF is damaged." */
export function errorInWords(error: string): string {
  return asSentence(error.replace(/^[a-z_]+: /, ''));
}
