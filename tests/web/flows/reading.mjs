import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { example, makePdf } from '../documents.mjs';
import { choose, row, until } from '../stage.mjs';

export const readingFlows = [
  {
    name: 'upload, live pages, view, search, download',
    async run(stage) {
      const page = await stage.visit('/');
      await page.getByText('Drop documents here').waitFor();
      await choose(page, [example('letter-scan.pdf')]);
      await row(page, 'letter-scan.pdf').getByRole('link').click();
      await page.getByRole('heading', { name: 'letter-scan.pdf' }).waitFor();
      await page.locator('.thumb').first().waitFor();
      // Placeholders turn into images automatically.
      await page.locator('.thumb-completed img.there').nth(1).waitFor();
      await page.locator('.badge', { hasText: /^Done$/ }).waitFor();

      await page.locator('.thumb').first().click();
      await page.waitForURL(/\/pages\/1$/);
      await page.locator('.page-text', { hasText: 'THE KESSOCK TIDE GAUGE TRUST' }).waitFor();
      await page.locator('.page-picture.there').first().waitFor();

      await page.keyboard.press('/');
      await page.keyboard.type('photograph');
      await page.locator('.hit-row', { hasText: 'Page 2' }).waitFor();
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/pages\/2$/);
      await page.locator('.mark-current').waitFor();
      assert.equal(await page.locator('.page-text .w-current').textContent(), 'photograph');

      await page.getByRole('link', { name: 'All pages' }).click();
      await page.getByLabel('Download', { exact: true }).click();
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Plain text' }).click(),
      ]);
      assert.equal(file.suggestedFilename(), 'letter-scan.txt');
      assert.match(readFileSync(await file.path(), 'utf8'), /THE KESSOCK TIDE GAUGE TRUST/);

      await page.getByLabel('Download', { exact: true }).click();
      const [zip] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'All as ZIP' }).click(),
      ]);
      assert.equal(zip.suggestedFilename(), 'letter-scan.zip');
      assert.equal(readFileSync(await zip.path()).subarray(0, 2).toString(), 'PK');
    },
  },
  {
    name: 'words over the image can be copied and are linked with the text both ways',
    async run(stage) {
      const id = await stage.server.submit(readFileSync(example('letter-scan.pdf')), 'letter.pdf');
      await stage.server.finished(id);
      const page = await stage.visit(`/jobs/${id}/pages/1`);
      const word = page.locator('.word-layer span', { hasText: /^Ottoline $/ });
      await word.waitFor();
      assert.match(await word.getAttribute('title'), /^Ottoline: \d+%$/);

      // Each word is where it was recognised.
      const content = await stage.server.json(`/api/v1/jobs/${id}/pages/1.json`);
      const words = content.blocks.flatMap((b) => b.paragraphs.flatMap((p) => p.lines.flatMap((l) => l.words)));
      const { box } = words.find(({ text }) => text === 'Ottoline');
      const sheet = await page.locator('.page-sheet').boundingBox();
      const shown = await word.boundingBox();
      assert.ok(Math.abs(shown.x - (sheet.x + (box[0] / content.width) * sheet.width)) < 2);
      assert.ok(Math.abs(shown.y - (sheet.y + (box[1] / content.height) * sheet.height)) < 3);

      await word.click();
      await page.locator('.page-text .w-chosen', { hasText: 'Ottoline' }).waitFor();
      await page.locator('.page-text span', { hasText: /^Museum$/ }).click();
      const mark = await page.locator('.mark-word').boundingBox();
      const museum = words.find(({ text }) => text === 'Museum').box;
      assert.ok(Math.abs(mark.x - (sheet.x + (museum[0] / content.width) * sheet.width)) < 4);

      const copied = await page.evaluate(() => {
        const spans = [...document.querySelectorAll('.word-layer span')];
        const from = spans.findIndex((span) => span.textContent.startsWith('Ottoline'));
        const range = document.createRange();
        range.setStart(spans[from].firstChild, 0);
        range.setEnd(spans[from + 4].firstChild, 6);
        getSelection().removeAllRanges();
        getSelection().addRange(range);
        const data = new DataTransfer();
        document.dispatchEvent(new ClipboardEvent('copy', { clipboardData: data, cancelable: true }));
        return data.getData('text/plain');
      });
      assert.equal(copied, 'Ottoline Farr\nCurator of Instru');
    },
  },
  {
    name: 'zoom: keys and wheel, full resolution beyond the preview, kept on the next page',
    async run(stage) {
      const id = await stage.server.submit(readFileSync(example('letter-scan.pdf')), 'letter.pdf');
      await stage.server.finished(id);
      const page = await stage.visit(`/jobs/${id}/pages/1`);
      await page.locator('.word-layer span').first().waitFor();
      const width = () => page.locator('.page-sheet').evaluate((sheet) => sheet.clientWidth);
      const fitted = await width();
      assert.equal(await page.locator('[data-raster]').count(), 0);
      for (let times = 0; times < 6; times += 1) await page.keyboard.press('+');
      await until(page, width, (now) => now > fitted * 3);
      await page.locator('[data-raster].there').waitFor();
      await page.keyboard.press('0');
      await until(page, width, (now) => now === fitted);
      await page.keyboard.press('9');
      await until(page, width, (now) => now < fitted);
      await page.locator('.page-scroll').hover();
      await page.keyboard.down('Control');
      await page.mouse.wheel(0, -240);
      await page.keyboard.up('Control');
      const wheeled = await until(page, width, (now) => now > 100);
      // The zoom is kept from page to page.
      await page.keyboard.press('n');
      await page.waitForURL(/\/pages\/2$/);
      await page.locator('.word-layer span').first().waitFor();
      assert.ok(Math.abs((await width()) - wheeled) < 12);
    },
  },
  {
    name: 'reload in the middle, and a second device sees the same',
    async run(stage) {
      const id = await stage.server.submit(makePdf(60), 'register.pdf', '&mode=force');
      const page = await stage.visit(`/jobs/${id}`);
      const done = (on) => on.locator('.thumb-completed').count();
      await until(page, () => done(page), (count) => count >= 2);
      assert.match(await page.title(), /^\d+% · register\.pdf/);
      await page.reload();
      const other = await stage.visit(`/jobs/${id}`);
      await page.locator('.badge', { hasText: /^Done$/ }).waitFor();
      await other.locator('.badge', { hasText: /^Done$/ }).waitFor();
      for (const each of [page, other]) {
        await each.getByText('60 of 60 pages').first().waitFor();
        await until(each, () => each.locator('.thumb:not(.thumb-completed)').count(), (n) => n === 0);
      }
    },
  },
];
