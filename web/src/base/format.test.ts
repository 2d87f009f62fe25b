import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asSentence, formatAgo, formatBytes, formatDuration, formatRate, languageName } from './format';

test('bytes have the unit that people would use', () => {
  assert.equal(formatBytes(0), '0 B');
  assert.equal(formatBytes(999), '999 B');
  assert.equal(formatBytes(1000), '1.0 kB');
  assert.equal(formatBytes(99_940), '99.9 kB');
  assert.equal(formatBytes(8_000_000), '8.0 MB');
  assert.equal(formatBytes(600_000_000), '600 MB');
  assert.equal(formatBytes(5_000_000_000_000), '5000 GB');
});

test('rounding never gives a thousand of a unit', () => {
  assert.equal(formatBytes(999_499), '999 kB');
  assert.equal(formatBytes(999_500), '1.0 MB');
  assert.equal(formatBytes(99_960), '100 kB');
});

test('durations', () => {
  assert.equal(formatDuration(0), '1 s');
  assert.equal(formatDuration(59.4), '59 s');
  assert.equal(formatDuration(59.6), '1 min');
  assert.equal(formatDuration(5399), '90 min');
  assert.equal(formatDuration(5400), '2 h');
});

test('times past', () => {
  const now = Date.parse('2026-03-10T12:00:00Z');
  const ago = (seconds: number) => formatAgo(new Date(now - seconds * 1000).toISOString(), now);
  assert.equal(ago(-30), 'just now', 'the clocks differ');
  assert.equal(ago(59), 'just now');
  assert.equal(ago(120), '2 minutes ago');
  assert.equal(ago(7200), '2 hours ago');
  assert.equal(ago(86_400), 'yesterday');
  assert.equal(ago(30 * 86_400), '8 Feb 2026');
});

test('rates have one decimal below ten', () => {
  assert.equal(formatRate(9.96), '10 pages per minute');
  assert.equal(formatRate(0.25), '0.3 pages per minute');
  assert.equal(formatRate(1234.5), '1,235 pages per minute');
});

test('a message of the server becomes a sentence', () => {
  assert.equal(asSentence("the server's disk is full"), "The server's disk is full.");
  assert.equal(asSentence('pages: "3-1" is not a page range'), 'Pages: "3-1" is not a page range.');
  assert.equal(asSentence('Try again.'), 'Try again.');
  assert.equal(asSentence('is it a PDF?'), 'Is it a PDF?');
  assert.equal(asSentence('set by “the server.”'), 'Set by “the server.”');
  assert.equal(asSentence(''), '');
});

test('a first word that is code keeps its case', () => {
  assert.equal(asSentence('upload_id is missing'), 'upload_id is missing.');
  assert.equal(asSentence('result.txt is missing'), 'result.txt is missing.');
  assert.equal(asSentence('hOCR is not made'), 'hOCR is not made.');
});

test('a language without a name shows its code', () => {
  assert.equal(languageName('deu'), 'German');
  assert.equal(languageName('xyz'), 'xyz');
});
