import assert from 'node:assert/strict';
import { makePdf } from '../documents.mjs';
import { until } from '../stage.mjs';

const MAX_HEAP_BYTES = 100e6;
const MAX_CELLS = 120;
const OPEN_MS = 300;

export const largeFlows = [
  {
    name: 'a thousand pages: few in the DOM, page 900 opens fast, a small heap',
    async run(stage) {
      const id = await stage.server.submit(makePdf(1000), 'thousand.pdf');
      const page = await stage.visit(`/jobs/${id}`);
      const cells = () => page.locator('.thumb').count();
      await page.locator('.thumb-completed').first().waitFor();
      assert.ok((await cells()) < MAX_CELLS);
      await page.locator('.badge', { hasText: /^Done$/ }).waitFor({ timeout: 300_000 });
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
      await page.locator('[data-page="1000"]').waitFor();
      assert.ok((await cells()) < MAX_CELLS);

      await page.goto(`${stage.server.url}/jobs/${id}/pages/1`);
      await page.locator('.word-layer span').first().waitFor();
      // The image is cached, so only the page's own work is measured.
      await page.evaluate(async (address) => {
        const image = new Image();
        image.src = address;
        await image.decode();
      }, `/api/v1/jobs/${id}/pages/900.jpg`);
      const opened = await page.evaluate(async () => {
        const input = document.querySelector('.page-number');
        const begin = performance.now();
        input.value = '900';
        input.dispatchEvent(new Event('change', { bubbles: true }));
        for (;;) {
          const text = document.querySelector('.page-text')?.textContent ?? '';
          const picture = document.querySelector('.page-picture.there[src*="/900."]');
          if (picture && text.includes('Page 900 of')) return performance.now() - begin;
          await new Promise((resolve) => requestAnimationFrame(resolve));
        }
      });
      console.log(`        page 900 was open after ${Math.round(opened)} ms`);
      assert.ok(opened < OPEN_MS, `page 900 took ${opened} ms`);
      assert.ok((await cells()) < MAX_CELLS);

      await page.keyboard.press('/');
      await page.keyboard.type('register');
      await until(
        page,
        () => page.locator('.search-steps').textContent(),
        (text) => text.includes('1,000 matches on 1,000 pages'),
      );
      for (let times = 0; times < 5; times += 1) await page.keyboard.press('Enter');
      const devtools = await page.context().newCDPSession(page);
      await devtools.send('HeapProfiler.collectGarbage');
      await devtools.send('Performance.enable');
      const { metrics } = await devtools.send('Performance.getMetrics');
      const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize').value;
      console.log(`        script heap: ${(heap / 1e6).toFixed(1)} MB`);
      assert.ok(heap < MAX_HEAP_BYTES);
    },
  },
  {
    name: 'first paint on a throttled loopback (reported, no limit)',
    async run(stage) {
      const page = await stage.visit('/livez');
      const devtools = await page.context().newCDPSession(page);
      await devtools.send('Network.enable');
      await devtools.send('Network.emulateNetworkConditions', {
        offline: false,
        latency: 40,
        downloadThroughput: 1.25e6,
        uploadThroughput: 1.25e6,
      });
      await page.goto(stage.server.url);
      await page.getByText('Drop documents here').waitFor();
      const paint = await page.evaluate(
        () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null,
      );
      assert.ok(paint !== null, 'nothing was painted');
      console.log(`        first paint after ${Math.round(paint)} ms at 10 Mbit/s and 40 ms`);
    },
  },
];
