import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { example, makePdf } from '../documents.mjs';
import { choose, row, until } from '../stage.mjs';

const require = createRequire(new URL('../../../web/package.json', import.meta.url));
const { AxeBuilder } = require('@axe-core/playwright');

const PHONE = { viewport: { width: 390, height: 780 }, isMobile: true, hasTouch: true };

export async function assertAccessible(page, where) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join('; ')}`,
  );
  assert.deepEqual(found, [], `axe on ${where}`);
}

async function assertNoSideways(page, where) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${where} is ${wide} pixels too wide`);
}

/** Visits every screen in one colour scheme and size. */
async function walk(stage, id, damaged, look, options) {
  const page = await stage.visit('/', options);
  const check = async (where) => {
    // Contrast is undefined during colour transitions.
    await page.evaluate(() =>
      Promise.all(document.getAnimations().filter((a) => a.effect?.getComputedTiming().iterations !== Infinity).map((a) => a.finished.catch(() => undefined))),
    );
    await assertAccessible(page, `${where}, ${look}`);
    await assertNoSideways(page, `${where}, ${look}`);
  };
  await row(page, 'letter.pdf').waitFor();
  await page.getByText('OCR options').click();
  await choose(page, [example('encrypted.pdf')]);
  await page.getByLabel('Password for encrypted.pdf').waitFor();
  await check('documents');
  await page.goto(`${stage.server.url}/jobs/${id}`);
  await page.locator('.thumb img.there').first().waitFor();
  await check('document');
  await page.goto(`${stage.server.url}/jobs/${damaged}/pages/2`);
  await page.getByRole('heading', { name: 'This page could not be processed' }).waitFor();
  await check('failed page');
  await page.goto(`${stage.server.url}/jobs/${id}/pages/1`);
  await page.locator('.word-layer span').first().waitFor();
  await page.keyboard.press('c');
  await page.keyboard.press('/');
  await page.keyboard.type('the');
  await page.locator('.hit-row').first().waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.mark-current').waitFor();
  await check('reader with search');
  await page.keyboard.press('Escape');
  await page.keyboard.press('v');
  await page.keyboard.press('v');
  await check('reader, one side');
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await check('help');
  await page.keyboard.press('Escape');
  await page.getByLabel('More').click();
  await page.getByRole('button', { name: 'Process again…' }).click();
  await page.getByRole('dialog').waitFor();
  await check('process again');
  await page.goto(`${stage.server.url}/docs`);
  await page.locator('.operation').first().waitFor();
  await check('API');
  await page.goto(`${stage.server.url}/jobs/00000000-0000-4000-8000-000000000000`);
  await page.getByRole('heading', { name: 'This document is no longer available' }).waitFor();
  await check('gone');
}

/** So many that the last is still to be done after three looks of a slow browser at a fast machine. */
const PAGES_TO_LOOK_AT = 2500;

export const accessFlows = [
  {
    name: 'axe finds nothing and nothing is too wide: desktop and phone, light and dark',
    async run(stage) {
      const id = await stage.server.submit(readFileSync(example('letter-scan.pdf')), 'letter.pdf');
      const damaged = await stage.server.submit(readFileSync(example('damaged.pdf')), 'damaged.pdf');
      await stage.server.finished(id);
      await stage.server.finished(damaged);
      for (const colorScheme of ['light', 'dark']) {
        await walk(stage, id, damaged, `desktop, ${colorScheme}`, { colorScheme });
        await walk(stage, id, damaged, `phone, ${colorScheme}`, { ...PHONE, colorScheme });
      }
    },
  },
  {
    name: 'axe finds nothing while pages are processed',
    async run(stage) {
      const id = await stage.server.submit(makePdf(PAGES_TO_LOOK_AT), 'long.pdf', '&mode=force');
      const page = await stage.visit('/');
      await row(page, 'long.pdf').locator('[role=progressbar]').waitFor();
      await assertAccessible(page, 'running list');
      await page.goto(`${stage.server.url}/jobs/${id}`);
      await page.locator('.thumb-completed').first().waitFor();
      await assertAccessible(page, 'running document');
      await page.goto(`${stage.server.url}/jobs/${id}/pages/${PAGES_TO_LOOK_AT}`);
      await page.getByRole('heading', { name: 'This page has not been processed yet' }).waitFor();
      await assertAccessible(page, 'page not processed yet');
      await fetch(`${stage.server.url}/api/v1/jobs/${id}`, { method: 'DELETE' });
    },
  },
  {
    name: 'keyboard only: choose, open, view, search, leave',
    async run(stage) {
      const page = await stage.visit('/');
      const chooser = new Promise((resolve) => page.once('filechooser', resolve));
      await page.getByText('Drop documents here').waitFor();
      const focused = () =>
        page.evaluate(() => document.activeElement?.getAttribute('aria-label') || document.activeElement?.textContent || '');
      const tabTo = async (wanted) => {
        for (let times = 0; times < 60; times += 1) {
          await page.keyboard.press('Tab');
          const now = await focused();
          if (wanted.test(now)) {
            // The focus is visible.
            const outlined = await page.evaluate(() => {
              const element = document.activeElement;
              const seen = element.matches('input[type=radio],input[type=checkbox]')
                ? element.nextElementSibling
                : element;
              return getComputedStyle(seen).outlineStyle !== 'none';
            });
            assert.ok(outlined, `no visible focus on ${now}`);
            return;
          }
        }
        throw new Error(`Tab never reached ${wanted}`);
      };
      await tabTo(/^Choose files$/);
      await page.keyboard.press('Enter');
      await (await chooser).setFiles([example('letter-scan.pdf')]);
      await row(page, 'letter-scan.pdf').waitFor();
      await tabTo(/^letter-scan\.pdf$/);
      await page.keyboard.press('Enter');
      await page.locator('.thumb-completed').nth(1).waitFor();
      await tabTo(/^Page 1, done/);
      await page.keyboard.press('Enter');
      await page.locator('.page-text', { hasText: 'KESSOCK' }).waitFor();
      await page.keyboard.press('n');
      await page.waitForURL(/\/pages\/2$/);
      await page.keyboard.press('Home');
      await page.waitForURL(/\/pages\/1$/);
      await page.locator('.page-text', { hasText: 'KESSOCK' }).waitFor();
      await tabTo(/^THE KESSOCK|^Page text$/);
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      await page.locator('.w-chosen', { hasText: 'KESSOCK' }).waitFor();
      await page.keyboard.press('ArrowDown');
      await page.locator('.w-chosen', { hasText: 'Harbour' }).waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type('photograph');
      await page.locator('.hit-row').waitFor();
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/pages\/2$/);
      await page.keyboard.press('Escape');
      await page.locator('.search-panel').waitFor({ state: 'detached' });
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.keyboard.press('Escape');
      await page.waitForURL(/\/jobs\/[^/]+$/);
      await page.keyboard.press('Escape');
      await page.waitForURL(/\/$/);
    },
  },
  {
    name: 'phone: upload, view, next page, text instead of image',
    async run(stage) {
      const page = await stage.visit('/', PHONE);
      await page.getByText('Drop documents here').waitFor();
      await choose(page, [example('letter-scan.pdf')]);
      await row(page, 'letter-scan.pdf').getByRole('link').tap();
      await page.locator('.thumb-completed').nth(1).waitFor();
      await page.locator('.thumb').first().tap();
      await page.locator('.page-picture.there').first().waitFor();
      await page.getByRole('button', { name: 'Next page' }).tap();
      await page.waitForURL(/\/pages\/2$/);
      await page.getByRole('radio', { name: 'Text' }).check();
      await page.locator('.page-text', { hasText: 'photograph' }).waitFor();
    },
  },
  {
    name: 'dark mode: follows the system until the user chooses, and the choice is remembered',
    async run(stage) {
      const page = await stage.visit('/', { colorScheme: 'dark' });
      const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
      const dark = await paper();
      await page.emulateMedia({ colorScheme: 'light' });
      const light = await until(page, paper, (now) => now !== dark);
      await page.getByRole('button', { name: 'Switch to dark mode' }).click();
      await until(page, paper, (now) => now === dark);
      await page.reload();
      await page.getByRole('button', { name: 'Switch to light mode' }).click();
      await until(page, paper, (now) => now === light);
    },
  },
];
