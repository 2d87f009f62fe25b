// Makes the pictures of the web page in this folder (web-*.png), out of examples/.
//
//   GNOSIS_PROGRAM=build/release/bin/gnosis-ocr node docs/images/make-web-images.mjs
//
// Needs what tests/web/run.mjs needs. The fonts are those of the machine: P052 (fonts-urw-base35).
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { example } from '../../tests/web/documents.mjs';
import { Stage, choose, row, until } from '../../tests/web/stage.mjs';
import { imagesAsPdf } from './images_as_pdf.mjs';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const SOURCES = [
  ['letter-scan.pdf', 2],
  ['two-columns.png', 1],
  ['fax.tif', 2],
  ['form.webp', 1],
  ['mixed.pdf', 2],
  ['rotated-page.pdf', 2],
  ['receipt-photo.jpg', 1],
  ['born-digital.pdf', 2],
];
const PHONE = { viewport: { width: 390, height: 780 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
});
const stage = new Stage(browser, { OCR_WORKERS: '1' });
await stage.open();
const shoot = async (page, name) => {
  await until(
    page,
    // Those in sight: the others are not even asked for.
    () => page.evaluate(() => [...document.images].filter((image) => image.checkVisibility() && image.getBoundingClientRect().top < innerHeight && !image.complete).length),
    (missing) => missing === 0,
  );
  await page.screenshot({ path: fileURLToPath(new URL(`web-${name}.png`, import.meta.url)) });
  console.log(`web-${name}.png`);
};

// A box of an archive: every example's pages, photographed.
const photographs = [];
const ids = {};
for (const [name, pages] of SOURCES) {
  ids[name] = await stage.server.submit(readFileSync(example(name)), name);
  await stage.server.finished(ids[name]);
  for (let page = 1; page <= pages; page += 1) {
    const answer = await fetch(`${stage.server.url}/api/v1/jobs/${ids[name]}/pages/${page}.jpg`);
    photographs.push(Buffer.from(await answer.arrayBuffer()));
  }
}
await stage.server.finished(await stage.server.submit(readFileSync(example('damaged.pdf')), 'field-diary.pdf'));
const box = imagesAsPdf(Array.from({ length: 4 }, () => photographs).flat());

// Without motion, so that nothing is caught half way.
const visit = (path, options) => stage.visit(path, { reducedMotion: 'reduce', ...options });
let page = await visit('/', { colorScheme: 'light' });
const boxId = await stage.server.submit(box, 'archive-box-7.pdf', '&mode=force');
await choose(page, [example('encrypted.pdf')]);
await page.getByLabel('Password for encrypted.pdf').waitFor();
await until(page, () => row(page, 'archive-box-7.pdf').textContent(), (text) => text.includes('left'));
await page.locator('.cover img.there').nth(4).waitFor();
await shoot(page, 'documents');

await page.goto(`${stage.server.url}/jobs/${boxId}`);
await until(page, () => page.locator('.thumb-completed img.there').count(), (count) => count >= 11);
await shoot(page, 'live');

const reader = async (options, name, id, number, query, view) => {
  page = await visit(`/jobs/${id}/pages/${number}`, options);
  await page.locator('.word-layer span').first().waitFor();
  if (query) {
    await page.keyboard.press('/');
    await page.keyboard.type(query);
    await page.locator('.hit-row').first().waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.mark-current').waitFor();
  }
  if (view) await page.getByRole('radio', { name: view }).check();
  await page.locator('.page-picture.there').first().waitFor();
  await shoot(page, name);
};
await reader({ colorScheme: 'light', viewport: { width: 1440, height: 900 } }, 'reader', ids['letter-scan.pdf'], 1, 'gauge');
await reader({ colorScheme: 'dark', viewport: { width: 1440, height: 900 } }, 'reader-dark', ids['two-columns.png'], 1);
await reader({ ...PHONE, colorScheme: 'light' }, 'phone-reader', ids['letter-scan.pdf'], 1);

page = await visit('/', { ...PHONE, colorScheme: 'dark' });
await page.locator('.cover img.there').nth(3).waitFor();
await shoot(page, 'phone-documents-dark');

page = await visit('/docs', { colorScheme: 'light' });
await page.locator('.operation').first().waitFor();
await shoot(page, 'api');

await stage.server.command('keys', 'add', 'laptop', '--owner', 'ada@example.org');
await until(page, () => stage.server.json('/api/v1/session'), (status) => status.key_required);
page = await visit('/', { colorScheme: 'light' });
await page.getByRole('heading', { name: 'API key required' }).waitFor();
await shoot(page, 'login');
await stage.close();
await browser.close();
