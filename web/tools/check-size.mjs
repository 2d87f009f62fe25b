// Fails if the scripts in dist/, compressed with gzip, exceed the budget.
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET_BYTES = 120_000;
const folder = new URL('../dist/assets/', import.meta.url);
let total = 0;
for (const name of readdirSync(folder).filter((name) => name.endsWith('.js'))) {
  const bytes = gzipSync(readFileSync(new URL(name, folder)), { level: 6 }).length;
  console.log(`${name}: ${bytes} bytes compressed`);
  total += bytes;
}
console.log(`total: ${total} of ${BUDGET_BYTES} bytes`);
if (total === 0 || total > BUDGET_BYTES) process.exit(1);
