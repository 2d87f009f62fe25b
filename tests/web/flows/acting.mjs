import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { example, makePdf } from '../documents.mjs';
import { row, until } from '../stage.mjs';

export const actingFlows = [
  {
    name: 'failed page is shown first, says why, and is retried',
    async run(stage) {
      const id = await stage.server.submit(readFileSync(example('damaged.pdf')), 'damaged.pdf');
      const first = await stage.server.finished(id);
      const page = await stage.visit(`/jobs/${id}`);
      await page.getByRole('radio', { name: 'Needs review (1)' }).check();
      await until(page, () => page.locator('.thumb').count(), (count) => count === 1);
      await page.locator('.thumb-failed').click();
      await page.getByRole('heading', { name: 'This page could not be processed' }).waitFor();
      await page.getByText('the page is 0.01 x 0.01 points').waitFor();
      await page.getByText('Open it in a PDF viewer').waitFor();
      await page.getByRole('link', { name: 'All pages' }).click();
      await page.getByRole('button', { name: 'Retry 1 failed page' }).click();
      // It fails again, as expected; the job's epoch shows that it was retried.
      await until(
        page,
        () => stage.server.json(`/api/v1/jobs/${id}`),
        (job) => job.epoch > first.epoch && job.status === 'completed_with_errors',
      );
      await page.locator('.badge', { hasText: 'Done with errors' }).waitFor();
      assert.equal(await page.locator('.thumb-failed').count(), 1);
    },
  },
  {
    name: 'a page is processed again, rotated, in another language',
    async run(stage) {
      const id = await stage.server.submit(readFileSync(example('letter-scan.pdf')), 'letter.pdf');
      await stage.server.finished(id);
      const { languages } = await stage.server.json('/api/v1/languages');
      const language = languages.at(-1);
      const page = await stage.visit(`/jobs/${id}/pages/1`);
      await page.locator('.word-layer span').first().waitFor();
      await page.getByLabel('More').click();
      await page.getByRole('button', { name: 'Process again…' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Language').selectOption(language);
      await dialog.getByRole('radio', { name: '180°' }).check();
      await dialog.getByRole('button', { name: 'Process again' }).click();
      await page.getByText('Processing page again.').waitFor();
      const job = await until(
        page,
        () => stage.server.json(`/api/v1/jobs/${id}/pages/1`),
        (found) => found.edition === 1 && found.status === 'completed',
      );
      assert.equal(job.status, 'completed');
      // The new image and words, not cached ones.
      await page.locator('.page-picture.there[src*="edition="]').first().waitFor();
      await page.locator('.word-layer span').first().waitFor();
      const content = await stage.server.json(`/api/v1/jobs/${id}/pages/1.json`);
      assert.equal(content.language, language);
    },
  },
  {
    name: 'a page of an encrypted document is processed again: the password is required again',
    async run(stage) {
      const path = '/api/v1/jobs?file_name=secret.pdf&password=gnosis';
      const submitted = await stage.server.json(path, {
        method: 'POST',
        body: readFileSync(example('encrypted.pdf')),
        headers: { 'Content-Type': 'application/octet-stream' },
      });
      const { job_id: id } = await stage.server.finished(submitted.job_id);
      const page = await stage.visit(`/jobs/${id}/pages/1`);
      await page.getByLabel('More').click();
      await page.getByRole('button', { name: 'Process again…' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: 'Process again' }).click();
      await dialog.getByLabel('Document password').fill('gnosis');
      await dialog.getByRole('button', { name: 'Process again' }).click();
      await dialog.waitFor({ state: 'detached' });
      await until(
        page,
        () => stage.server.json(`/api/v1/jobs/${id}/pages/1`),
        (found) => found.edition === 1 && found.status === 'completed',
      );
      await page.locator('.word-layer span').first().waitFor();
    },
  },
  {
    name: 'a finished document sends a notification if the user asked for it',
    async run(stage) {
      const id = await stage.server.submit(makePdf(400), 'register.pdf', '&mode=force');
      const page = await stage.visit('/');
      await page.context().grantPermissions(['notifications']);
      await page.addInitScript(() => {
        window.told = [];
        window.Notification = class {
          static requestPermission = () => Promise.resolve('granted');
          constructor(title) {
            window.told.push(title);
          }
        };
      });
      await page.goto(`${stage.server.url}/jobs/${id}`);
      await page.getByRole('button', { name: 'Notify me when done' }).click();
      await page.getByRole('button', { name: 'You will be notified' }).waitFor();
      await page.locator('.badge', { hasText: /^Done$/ }).waitFor();
      await until(page, () => page.evaluate(() => window.told), (told) => told.length > 0);
      assert.deepEqual(await page.evaluate(() => window.told), ['register.pdf is ready']);
    },
  },
  {
    name: 'cancelling keeps finished pages; deletion can be undone',
    async run(stage) {
      const id = await stage.server.submit(makePdf(200), 'long.pdf', '&mode=force');
      const page = await stage.visit(`/jobs/${id}`);
      await page.locator('.thumb-completed').first().waitFor();
      await page.getByRole('button', { name: 'Cancel processing' }).click();
      await page.locator('.badge', { hasText: 'Cancelled' }).waitFor();
      assert.equal((await stage.server.json(`/api/v1/jobs/${id}`)).status, 'cancelled');
      await page.locator('.thumb-completed').first().click();
      await page.locator('.page-text', { hasText: 'of the register' }).waitFor();

      await page.goto(stage.server.url);
      await page.getByRole('button', { name: 'Delete long.pdf' }).click();
      await page.getByText('Deleted long.pdf.').waitFor();
      assert.equal(await row(page, 'long.pdf').count(), 0);
      await page.getByRole('button', { name: 'Undo' }).click();
      await row(page, 'long.pdf').waitFor();
      await page.getByRole('button', { name: 'Delete long.pdf' }).click();
      await row(page, 'long.pdf').waitFor({ state: 'detached' });
      // Leaving the page deletes it at once.
      await page.goto('about:blank');
      await until(
        page,
        () => fetch(`${stage.server.url}/api/v1/jobs/${id}`).then((answer) => answer.status),
        (status) => status === 404,
      );
    },
  },
  {
    name: 'list: parts, search by name, filter by state',
    async run(stage) {
      const document = makePdf(1, { lines: 1 });
      for (let index = 1; index <= 60; index += 1) {
        await stage.server.submit(document, `invoice-${String(index).padStart(2, '0')}.pdf`);
      }
      await stage.server.submit(readFileSync(example('damaged.pdf')), 'Broken Diary.pdf');
      const page = await stage.visit('/');
      const names = () => page.locator('.job-name').allTextContents();
      await until(page, names, (found) => found.length === 50);
      await page.getByRole('button', { name: 'Older', exact: true }).click();
      await until(page, names, (found) => found.length === 11 && found.includes('invoice-01.pdf'));
      await page.getByRole('button', { name: 'Newer', exact: true }).click();
      await until(page, names, (found) => found.length === 50);
      await page.getByLabel('Search by name').fill('DIARY');
      await until(page, names, (found) => found.join() === 'Broken Diary.pdf');
      await page.getByLabel('Search by name').fill('no such thing');
      await page.getByText('No matching documents').waitFor();
      await page.getByRole('button', { name: 'Show all' }).click();
      await until(page, names, (found) => found.length === 50);
      await page.getByRole('radio', { name: 'Problems' }).check();
      await until(page, names, (found) => found.join() === 'Broken Diary.pdf');
    },
  },
];
