// What each flow gets: a server, and browser pages that record errors.
import assert from 'node:assert/strict';
import { Server } from './server.mjs';

/** Generous, because the machine may be busy. */
const PATIENCE_MS = 60_000;

export class Stage {
  constructor(browser, settings) {
    this.browser = browser;
    this.server = new Server(settings);
    this.contexts = [];
    this.pages = [];
    this.troubles = [];
  }

  async open() {
    await this.server.start();
  }

  /** Opens `path` in a new browser profile. `options` are those of a browser context. */
  async visit(path = '/', options = {}) {
    const context = await this.browser.newContext({
      viewport: { width: 1280, height: 800 },
      acceptDownloads: true,
      ...options,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    this.contexts.push(context);
    const page = await context.newPage();
    this.watch(page);
    await page.goto(this.server.url + path);
    return page;
  }

  watch(page) {
    this.pages.push(page);
    page.on('request', (request) => {
      const url = new URL(request.url());
      const ours = url.host === new URL(this.server.url).host;
      if (!ours && !['data:', 'blob:', 'about:'].includes(url.protocol)) {
        this.troubles.push(`request to another host: ${url}`);
      }
    });
    page.on('pageerror', (error) => this.troubles.push(`script error: ${error.stack}`));
    page.on('console', (message) => {
      const text = message.text();
      if (/content security policy/i.test(text)) this.troubles.push(text);
    });
  }

  /** No request went to another host, no script failed, the security policy blocked nothing. */
  assertClean() {
    assert.deepEqual(this.troubles, []);
  }

  /** Takes screenshots of the pages, and logs each one's URL and focus. */
  async showPages(path) {
    for (const [index, page] of this.pages.entries()) {
      const focus = await page
        .evaluate(() => document.activeElement?.outerHTML.slice(0, 200))
        .catch((error) => String(error));
      console.log(`        page ${index}: ${page.url()}, focus: ${focus}`);
      await page.screenshot({ path: `${path}-${index}.png` }).catch(() => undefined);
    }
  }

  async close() {
    for (const context of this.contexts) await context.close();
    await this.server.close();
  }
}

/** Chooses files as the file picker would. */
export function choose(page, paths) {
  return page.locator('[data-test=files]').setInputFiles(paths);
}

export const row = (page, name) => page.locator('.job-row', { hasText: name });

/** Waits until `wanted` accepts what `read` returns, and returns it. */
export async function until(page, read, wanted) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const value = await read();
    if (wanted(value)) return value;
    if (Date.now() > end) throw new Error(`timed out; last value: ${JSON.stringify(value)}`);
    await page.waitForTimeout(25);
  }
}

/** `sameLoad`: the page was not reloaded since `markLoad`. */
export const markLoad = (page) => page.evaluate(() => (window.wasHere = true));
export const sameLoad = (page) => page.evaluate(() => window.wasHere === true);
