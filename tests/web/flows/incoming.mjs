import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { example, makePdf } from '../documents.mjs';
import { choose, row, until } from '../stage.mjs';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Counts the bytes sent to the upload, and can cut the connection. */
async function watchUpload(page) {
  const watch = { sent: 0, cut: false, patches: 0 };
  await page.route('**/api/v1/uploads/*', async (route) => {
    const request = route.request();
    if (request.method() !== 'PATCH') return route.continue();
    if (watch.cut && watch.patches >= 1) return route.abort('connectionreset');
    watch.patches += 1;
    watch.sent += (request.postDataBuffer()?.length ?? 0) || Number(request.headers()['content-length'] ?? 0);
    return route.continue();
  });
  return watch;
}

async function jobNamed(stage, name) {
  const { jobs } = await stage.server.json('/api/v1/jobs');
  return jobs.find((job) => job.file_name === name);
}

export const incomingFlows = [
  {
    name: 'drop, paste, several files and a folder',
    async run(stage) {
      const folder = join(stage.server.folder, 'folder');
      mkdirSync(join(folder, 'inner'), { recursive: true });
      copyFileSync(example('form.webp'), join(folder, 'inner', 'form.webp'));
      copyFileSync(example('form.txt'), join(folder, 'notes.txt'));
      const page = await stage.visit('/');
      await page.getByText('Drop documents here').waitFor();
      await page.locator('[data-test=folder]').setInputFiles(folder);
      await page.getByText('Skipped 1 file').waitFor();
      await row(page, 'form.webp').waitFor();
      await choose(page, [example('fax.tif'), example('two-columns.png')]);
      await row(page, 'fax.tif').waitFor();
      await row(page, 'two-columns.png').waitFor();

      const bytes = [...readFileSync(example('born-digital.pdf'))];
      await page.evaluate((content) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(content)], 'dropped.pdf'));
        window.dispatchEvent(new DragEvent('dragover', { dataTransfer: data, cancelable: true }));
        window.dispatchEvent(new DragEvent('drop', { dataTransfer: data, cancelable: true }));
      }, bytes);
      await row(page, 'dropped.pdf').waitFor();

      const picture = [...readFileSync(example('receipt-photo.jpg'))];
      await page.evaluate((content) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(content)], 'image.jpg', { type: 'image/jpeg' }));
        window.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, cancelable: true }));
      }, picture);
      await row(page, /^pasted .*\.jpg/).or(row(page, 'pasted ')).first().waitFor();
    },
  },
  {
    name: 'options: pages, formats and mode are used, languages are those installed',
    async run(stage) {
      const page = await stage.visit('/');
      await page.getByText('OCR options').click();
      const { languages } = await stage.server.json('/api/v1/languages');
      const chips = page.getByRole('group', { name: 'Document languages' }).locator('.chip');
      await until(page, () => chips.count(), (count) => count === languages.length);
      await page.getByLabel('Page range').fill('3-1');
      await choose(page, [example('born-digital.pdf')]);
      await page.getByText('Nothing was uploaded').waitFor();
      assert.equal(await jobNamed(stage, 'born-digital.pdf'), undefined);
      await page.getByLabel('Page range').fill('2-');
      await page.getByLabel('Existing text in PDFs').selectOption('force');
      await page.getByRole('checkbox', { name: 'hOCR' }).check();
      await choose(page, [example('born-digital.pdf')]);
      await row(page, 'born-digital.pdf').waitFor();
      const { job_id: id } = await jobNamed(stage, 'born-digital.pdf');
      const job = await stage.server.finished(id);
      assert.equal(job.progress.total_pages, 1);
      const { pages } = await stage.server.json(`/api/v1/jobs/${id}/pages`);
      assert.equal(pages[0].page, 2);
      assert.notEqual(pages[0].source, 'text_layer');
      assert.ok(stage.server.fileOf(id, 'result.hocr'));
    },
  },
  {
    name: 'encrypted file: asks for its password, rejects a wrong one, opens with the right one',
    async run(stage) {
      const page = await stage.visit('/');
      await choose(page, [example('encrypted.pdf')]);
      const password = page.getByLabel('Password for encrypted.pdf');
      await password.fill('wrong');
      await page.getByRole('button', { name: 'Open' }).click();
      await page.getByText('Incorrect password.').waitFor();
      await password.fill('gnosis');
      await page.getByRole('button', { name: 'Open' }).click();
      await row(page, 'encrypted.pdf').getByRole('link').click();
      await page.locator('.badge', { hasText: /^Done$/ }).waitFor();
    },
  },
  {
    name: 'a file that is not a document is rejected with an explanation and a hint',
    async run(stage) {
      const path = join(stage.server.folder, 'letter.pdf');
      writeFileSync(path, '<html><body>not a document</body></html>');
      const page = await stage.visit('/');
      await choose(page, [path]);
      const upload = page.locator('.upload-failed');
      await upload.waitFor();
      const { status, ...problem } = await fetch(`${stage.server.url}/api/v1/jobs`, {
        method: 'POST',
        body: '<html><body>not a document</body></html>',
        headers: { 'Content-Type': 'application/octet-stream' },
      }).then((answer) => answer.json());
      assert.equal(status, 415);
      const shown = (await upload.textContent()).toLowerCase();
      assert.ok(shown.includes(problem.detail.toLowerCase()));
      assert.ok(shown.includes(problem.hint.toLowerCase()));
      await upload.getByRole('button', { name: 'Remove letter.pdf from the list' }).click();
      await upload.waitFor({ state: 'detached' });
    },
  },
  {
    name: 'large file: resumes after an interruption',
    async run(stage) {
      const bytes = makePdf(2, { padding: 40_000_000 });
      const path = join(stage.server.folder, 'large.pdf');
      writeFileSync(path, bytes);
      const page = await stage.visit('/');
      const watch = await watchUpload(page);
      watch.cut = true;
      await choose(page, [path]);
      await page.getByText('Paused until the connection is back').waitFor();
      watch.cut = false;
      await row(page, 'large.pdf').waitFor();
      const job = await jobNamed(stage, 'large.pdf');
      assert.equal(sha256(readFileSync(stage.server.fileOf(job.job_id, 'original.pdf'))), sha256(bytes));
      assert.ok(watch.patches >= 5);
    },
  },
  {
    name: 'large file: resumes after a reload',
    async run(stage) {
      const bytes = makePdf(2, { padding: 40_000_000 });
      const path = join(stage.server.folder, 'large.pdf');
      writeFileSync(path, bytes);
      const page = await stage.visit('/');
      const offsets = [];
      page.on('request', (request) => {
        if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']));
      });
      const watch = await watchUpload(page);
      watch.cut = true;
      await choose(page, [path]);
      await page.getByText('Paused until the connection is back').waitFor();
      // Wait until the browser has stored the file.
      await until(
        page,
        () =>
          page.evaluate(
            () =>
              new Promise((resolve) => {
                const open = indexedDB.open('gnosis-uploads', 1);
                open.onsuccess = () => {
                  const count = open.result.transaction('files').objectStore('files').count();
                  count.onsuccess = () => resolve(count.result);
                  open.result.close();
                };
              }),
          ),
        (count) => count === 1,
      );
      watch.cut = false;
      offsets.length = 0;
      await page.reload();
      await row(page, 'large.pdf').waitFor();
      assert.ok(offsets[0] > 0, `started again at ${offsets[0]}`);
      const job = await jobNamed(stage, 'large.pdf');
      assert.equal(sha256(readFileSync(stage.server.fileOf(job.job_id, 'original.pdf'))), sha256(bytes));
    },
  },
];
