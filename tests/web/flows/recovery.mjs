import assert from 'node:assert/strict';
import { makePdf } from '../documents.mjs';
import { markLoad, sameLoad, until } from '../stage.mjs';

export const recoveryFlows = [
  {
    name: 'server killed and restarted in the middle',
    async run(stage) {
      const id = await stage.server.submit(makePdf(60), 'register.pdf', '&mode=force');
      const page = await stage.visit(`/jobs/${id}`);
      await markLoad(page);
      const done = () => page.locator('.thumb-completed').count();
      await until(page, done, (count) => count >= 2);
      await stage.server.end('SIGKILL');
      await page.getByText('The server is not responding').waitFor();
      const before = await done();
      await stage.server.start();
      await page.getByText('The server is not responding').waitFor({ state: 'detached' });
      await until(page, done, (count) => count > before);
      await page.locator('.badge', { hasText: /^Done$/ }).waitFor();
      await page.getByText('60 of 60 pages').first().waitFor();
      assert.ok(await sameLoad(page), 'the page was reloaded');
    },
  },
  {
    name: 'offline: shown, and the list resumes when the network is back',
    async run(stage) {
      const page = await stage.visit('/');
      await page.getByText('Drop documents here').waitFor();
      await markLoad(page);
      await page.context().setOffline(true);
      await page.getByText('You are offline').waitFor();
      await stage.server.submit(makePdf(1), 'meanwhile.pdf');
      await page.context().setOffline(false);
      await page.getByText('You are offline').waitFor({ state: 'detached' });
      await page.getByRole('link', { name: 'meanwhile.pdf' }).waitFor();
      assert.ok(await sameLoad(page), 'the page was reloaded');
    },
  },
  {
    name: 'without event streams the pages update by polling',
    async run(stage) {
      const id = await stage.server.submit(makePdf(40), 'register.pdf', '&mode=force');
      const page = await stage.visit('/');
      await page.route('**/events', (route) => route.abort());
      await page.goto(`${stage.server.url}/jobs/${id}`);
      await page.locator('.badge', { hasText: /^Done$/ }).waitFor();
      await until(page, () => page.locator('.thumb:not(.thumb-completed)').count(), (n) => n === 0);
    },
  },
];
