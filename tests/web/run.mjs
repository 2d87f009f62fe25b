// Drives the page in a real browser against the real program.
//
//   GNOSIS_PROGRAM=build/release/bin/gnosis-ocr node tests/web/run.mjs [PART OF A NAME]...
//
// Needs web/node_modules (npm ci) and Chromium (CHROMIUM, or /usr/bin/chromium). Exit code 0: every flow
// passed. A flow that fails leaves a screenshot in SCREENSHOTS (or build/web-tests).
import { createRequire } from 'node:module';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { Stage } from './stage.mjs';
import { actingFlows } from './flows/acting.mjs';
import { accessFlows } from './flows/access.mjs';
import { contractFlows } from './flows/contract.mjs';
import { incomingFlows } from './flows/incoming.mjs';
import { largeFlows } from './flows/large.mjs';
import { readingFlows } from './flows/reading.mjs';
import { recoveryFlows } from './flows/recovery.mjs';
import { signInFlows } from './flows/sign_in.mjs';

if (!process.env.GNOSIS_PROGRAM) throw new Error('GNOSIS_PROGRAM must name the program');
const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const pictures =
  process.env.SCREENSHOTS ?? fileURLToPath(new URL('../../build/web-tests', import.meta.url));
mkdirSync(pictures, { recursive: true });

const all = [
  ...readingFlows,
  ...incomingFlows,
  ...recoveryFlows,
  ...actingFlows,
  ...accessFlows,
  ...signInFlows,
  ...contractFlows,
  ...largeFlows,
];
const wanted = process.argv.slice(2);
const flows = all.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)));

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
let failed = 0;
for (const flow of flows) {
  const stage = new Stage(browser, flow.settings);
  const begin = Date.now();
  try {
    await stage.open();
    await flow.run(stage);
    stage.assertClean();
    console.log(`ok      ${flow.name} (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${flow.name}\n${error?.stack ?? error}`);
    await stage.showPages(join(pictures, flow.name.replace(/[^a-z0-9]+/gi, '-')));
  } finally {
    await stage.close();
  }
}
await browser.close();
console.log(`${flows.length - failed} of ${flows.length} flows passed`);
process.exit(failed > 0 || flows.length === 0 ? 1 : 0);
