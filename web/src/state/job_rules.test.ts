import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobIn, sampleJob, samplePage } from '../testing/samples';
import { errorInWords, isFinal, pagesPerMinute, pagesToReview, trust } from './job_rules';

test('a job is final unless it waits or runs', () => {
  const states = ['queued', 'processing', 'completed', 'completed_with_errors', 'failed', 'cancelled'] as const;
  assert.deepEqual(states.filter(isFinal), ['completed', 'completed_with_errors', 'failed', 'cancelled']);
});

test('the rate of a running job follows from the estimate', () => {
  const pages = { completed: 40, failed: 10, pending: 50, processing: 0 };
  const progress = { percent: 50, current_page: null, total_pages: 100, message: '' };
  assert.equal(pagesPerMinute(sampleJob({ pages, progress, eta_seconds: 30 })), 100);
  assert.equal(pagesPerMinute(sampleJob({ pages, progress, eta_seconds: null })), null);
  assert.equal(pagesPerMinute(sampleJob({ pages, progress, eta_seconds: 0 })), null);
});

test('the rate of a finished job follows from its duration', () => {
  const pages = { completed: 28, failed: 2, pending: 0, processing: 0 };
  assert.equal(pagesPerMinute({ ...jobIn('completed'), pages }), 30);
  assert.equal(pagesPerMinute({ ...jobIn('completed'), pages, updated_at: '2026-01-02T10:00:00Z' }), null);
  assert.equal(pagesPerMinute(jobIn('failed')), null, 'no page is done');
});

test('confidence has three levels', () => {
  assert.deepEqual([100, 85, 84.9, 60, 59.9, 0].map(trust), ['high', 'high', 'middle', 'middle', 'low', 'low']);
});

test('review: failed pages first, then the lowest confidence, then by number', () => {
  const pages = [
    samplePage(1, 'completed', 99),
    samplePage(2, 'completed', 70),
    samplePage(3, 'completed', null),
    samplePage(4, 'failed'),
    samplePage(5, 'completed', 0),
    samplePage(6, 'processing'),
    samplePage(7, 'failed'),
    samplePage(8, 'completed', 70),
    samplePage(9, 'completed', 85),
    samplePage(10, 'pending', 10),
  ];
  assert.deepEqual(pagesToReview(pages).map(({ page }) => page), [4, 7, 5, 2, 8]);
  assert.equal(pages[0]?.page, 1, 'the pages themselves keep their order');
});

test('an error is shown without its code, as a sentence', () => {
  assert.equal(errorInWords('no_pages: the range: 7-9 has no pages'), 'The range: 7-9 has no pages.');
  assert.equal(errorInWords('the file is empty'), 'The file is empty.');
});
