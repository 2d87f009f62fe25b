// Jobs, pages and words for tests.
import type { Box, Job, JobState, Page, PageState } from '../api/types';
import type { FlatWord } from '../reader/words';

export function sampleJob(change: Partial<Job> = {}): Job {
  return {
    job_id: 'a1',
    status: 'processing',
    progress: { percent: 0, current_page: null, total_pages: 3, message: '' },
    pages: { completed: 0, failed: 0, pending: 3, processing: 0 },
    eta_seconds: null,
    revision: 1,
    file_name: 'letter.pdf',
    error: null,
    created_at: '2026-01-02T10:00:00Z',
    updated_at: '2026-01-02T10:01:00Z',
    expires_at: null,
    ...change,
  };
}

export const jobIn = (status: JobState, revision = 1) => sampleJob({ status, revision });

export function samplePage(page: number, status: PageState = 'pending', confidence: number | null = null): Page {
  return { page, status, confidence, source: null, error: null, edition: 0, completed_at: null };
}

/** Words from "a b / c || d": a blank between words, "/" between lines, "||" between paragraphs. */
export function sampleWords(text: string): FlatWord[] {
  const words: FlatWord[] = [];
  let line = 0;
  text.split('||').forEach((inParagraph, paragraph) => {
    for (const inLine of inParagraph.split('/')) {
      let left = 0;
      for (const word of inLine.trim().split(' ')) {
        const box: Box = [left, line * 20, left + word.length * 10, line * 20 + 10];
        words.push({ text: word, box, confidence: 90, line, paragraph });
        left += word.length * 10 + 5;
      }
      line += 1;
    }
  });
  return words;
}
