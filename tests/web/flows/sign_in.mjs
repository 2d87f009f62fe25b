import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { example } from '../documents.mjs';
import { choose, row } from '../stage.mjs';
import { assertAccessible } from './access.mjs';

/** Creates a key and waits until the running server requires it. */
async function makeKey(stage) {
  const output = await stage.server.command('keys', 'add', 'laptop', '--owner', 'ada@example.org');
  const key = /\S{20,}/.exec(output)?.[0];
  assert.ok(key, `no key in: ${output}`);
  for (;;) {
    const status = await stage.server.json('/api/v1/session');
    if (status.key_required) return key;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const signInFlows = [
  {
    name: 'sign-in: only when a key is required; wrong key, right key, the cookie, signing out',
    async run(stage) {
      const key = await makeKey(stage);
      const page = await stage.visit('/docs');
      await page.getByRole('heading', { name: 'API key required' }).waitFor();
      await assertAccessible(page, 'sign-in');
      await page.getByLabel('API key').fill('not-a-key');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('Invalid key.').waitFor();
      await page.getByLabel('API key').fill(key);
      await page.getByRole('button', { name: 'Sign in' }).click();
      // Signing in returns to the requested screen.
      await page.getByRole('heading', { name: 'API reference' }).waitFor();

      const cookies = await page.context().cookies();
      assert.equal(cookies.length, 1);
      assert.ok(cookies[0].httpOnly);
      assert.equal(cookies[0].sameSite, 'Strict');
      const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
      assert.ok(!stored.includes(key), 'the key is kept in the browser');

      await page.getByRole('link', { name: 'Documents' }).click();
      await choose(page, [example('letter-scan.pdf')]);
      await row(page, 'letter-scan.pdf').getByRole('link').click();
      await page.locator('.thumb-completed img.there').first().waitFor();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'API key required' }).waitFor();
      assert.equal((await page.request.get(`${stage.server.url}/api/v1/jobs`)).status(), 401);
    },
  },
  {
    name: 'with a cookie, a request without the page’s own header changes nothing',
    async run(stage) {
      const key = await makeKey(stage);
      const page = await stage.visit('/');
      await page.getByLabel('API key').fill(key);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('Drop documents here').waitFor();
      const send = (headers) =>
        page.evaluate(
          async ([content, with_headers]) => {
            const answer = await fetch('/api/v1/jobs', {
              method: 'POST',
              body: new Uint8Array(content),
              headers: { 'Content-Type': 'application/octet-stream', ...with_headers },
            });
            return answer.status;
          },
          [[...readFileSync(example('born-digital.pdf'))], headers],
        );
      assert.equal(await send({}), 403);
      assert.equal(await send({ 'X-Gnosis-Request': '1' }), 202);
    },
  },
];
