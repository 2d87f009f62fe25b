import '../testing/browser';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesOfPicker, filesOfTransfer, namePasted } from './pick_files';

const file = (name: string, type = '') => new File(['x'], name, { type });

interface FakeEntry {
  name: string;
  isDirectory: boolean;
}

const fileEntry = (name: string): FakeEntry =>
  Object.assign({ name, isDirectory: false }, { file: (give: (found: File) => void) => give(file(name)) });

/** A folder whose reader returns two entries at a time, as browsers return a hundred. */
function folderEntry(name: string, entries: FakeEntry[]): FakeEntry {
  const createReader = () => {
    const left = [...entries];
    return { readEntries: (give: (part: FakeEntry[]) => void) => give(left.splice(0, 2)) };
  };
  return Object.assign({ name, isDirectory: true }, { createReader });
}

function transfer(entries: (FakeEntry | null)[], files: File[] = []) {
  const items = entries.map((entry) => ({ kind: 'file', webkitGetAsEntry: () => entry }));
  return { items: [...items, { kind: 'string' }], files } as unknown as DataTransfer;
}

const names = (files: File[]) => files.map((each) => each.name);

test('a dropped folder is walked to its end, in the order that people count in', async () => {
  const folder = folderEntry('box', [
    fileEntry('page10.png'),
    fileEntry('page2.PNG'),
    folderEntry('annex', [fileEntry('a.jpeg'), fileEntry('b.tif')]),
    fileEntry('page1.pdf'),
  ]);
  const { files, skipped } = await filesOfTransfer(transfer([folder]));
  assert.deepEqual(names(files), ['a.jpeg', 'b.tif', 'page1.pdf', 'page2.PNG', 'page10.png']);
  assert.equal(skipped, 0);
});

test('files in a folder that are not documents are skipped and counted', async () => {
  const folder = folderEntry('box', [fileEntry('notes.txt'), fileEntry('.DS_Store'), fileEntry('a.webp')]);
  const { files, skipped } = await filesOfTransfer(transfer([folder]));
  assert.deepEqual(names(files), ['a.webp']);
  assert.equal(skipped, 2);
});

test('a file that was dropped by itself is taken whatever its name is', async () => {
  const { files, skipped } = await filesOfTransfer(transfer([fileEntry('scan')]));
  assert.deepEqual(names(files), ['scan']);
  assert.equal(skipped, 0);
});

test('a browser without entries gives its plain files', async () => {
  const { files } = await filesOfTransfer(transfer([null], [file('a.pdf')]));
  assert.deepEqual(names(files), ['a.pdf']);
});

test('a folder that cannot be read is an error', async () => {
  const broken = Object.assign(folderEntry('box', []), {
    createReader: () => ({ readEntries: (_: unknown, fail: (error: Error) => void) => fail(new Error('gone')) }),
  });
  await assert.rejects(filesOfTransfer(transfer([broken])));
});

test('the file picker takes everything, the folder picker only documents', () => {
  const files = [file('a.pdf'), file('notes.txt')];
  const input = (webkitdirectory: boolean) => ({ files, webkitdirectory }) as unknown as HTMLInputElement;
  assert.equal(filesOfPicker(input(false)).files.length, 2);
  assert.deepEqual(names(filesOfPicker(input(true)).files), ['a.pdf']);
  assert.equal(filesOfPicker(input(true)).skipped, 1);
  assert.deepEqual(filesOfPicker({ files: null } as unknown as HTMLInputElement), { files: [], skipped: 0 });
});

test('a pasted image is named after the time; a pasted file keeps its name and type', () => {
  const now = new Date(2026, 0, 2, 3, 4);
  const pasted = namePasted(file('image.png', 'image/png'), now);
  assert.equal(pasted.name, 'pasted 2026-01-02 03.04.png');
  assert.equal(pasted.type, 'image/png');
  assert.equal(namePasted(file('image.of.cat.png'), now).name, 'image.of.cat.png');
});
