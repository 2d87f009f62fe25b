import { storage } from '../testing/browser';
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { choose, chosen, isPageRange, readOptions, submitOptions } from './chosen_options';

const DEFAULTS = { languages: ['eng'], mode: 'auto', pages: '', formats: ['txt', 'json'] };

beforeEach(() => {
  storage.clear();
  chosen.value = readOptions(null);
});

test('page ranges that the server accepts', () => {
  for (const pages of ['', '  ', '3', '1-3', '7-', '-4', '9,1-3,7-', ' 1-3 ,\t5 ', '1 - 3', '5-5', '999999999']) {
    assert.ok(isPageRange(pages), pages);
  }
});

test('page ranges that it rejects', () => {
  const wrong = ['0', '-0', '0-3', '3-1', 'a', '1;2', '1.5', '+1', '--', '-', '1--3', '1-2-3', '-1-', ',', '1,', ',1'];
  for (const pages of [...wrong, '1,,2', '1 2', '1-x', '1234567890', '٣']) assert.equal(isPageRange(pages), false, pages);
});

test('a thousand ranges are the most', () => {
  assert.ok(isPageRange(Array(1000).fill('1').join(',')));
  assert.equal(isPageRange(Array(1001).fill('1').join(',')), false);
});

test('options go to the server in its format', () => {
  choose({ languages: ['deu', 'eng'], mode: 'force', pages: ' 1 - 3, 7-', formats: ['txt', 'hocr'] });
  assert.deepEqual(submitOptions(['deu', 'eng']), {
    lang: 'deu+eng',
    mode: 'force',
    formats: 'txt,hocr',
    pages: '1-3,7-',
  });
});

test('nothing chosen is nothing sent', () => {
  choose({ pages: '  ', formats: [] });
  assert.deepEqual(submitOptions(['eng']), { lang: 'eng', mode: 'auto' });
});

test('an invalid page range gives no options, not all pages', () => {
  choose({ pages: '3-1' });
  assert.equal(submitOptions(['eng']), null);
});

test('a language that is no longer installed is left out; English replaces the last one, else the first', () => {
  choose({ languages: ['fra', 'deu'] });
  assert.equal(submitOptions(['deu', 'eng'])?.lang, 'deu');
  assert.equal(submitOptions(['ita', 'eng'])?.lang, 'eng');
  assert.equal(submitOptions(['ita', 'spa'])?.lang, 'ita');
  assert.equal('lang' in (submitOptions([]) ?? {}), false);
  assert.equal(submitOptions(null)?.lang, 'fra+deu', 'the installed ones are not known yet');
});

test('choices are remembered, but not the page range', () => {
  choose({ languages: ['deu'], pages: '2-', formats: [] });
  assert.deepEqual(readOptions(storage.getItem('gnosis.options')), {
    languages: ['deu'],
    mode: 'auto',
    pages: '',
    formats: [],
  });
});

test('what is stored may be damaged', () => {
  for (const json of [null, '', '{', 'null', '[]', '7', '{"languages":"eng","mode":1,"formats":[1]}', '{"languages":[]}']) {
    assert.deepEqual(readOptions(json), DEFAULTS, String(json));
  }
});

test('without space in the browser a choice still counts', () => {
  storage.full = true;
  choose({ mode: 'skip' });
  assert.equal(chosen.value.mode, 'skip');
});
