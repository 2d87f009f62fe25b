// Bundles every *.test.ts of src/ into a temporary folder and runs them with Node's test runner.
//
//   node tools/test.mjs [PART OF A NAME]...
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const web = fileURLToPath(new URL('..', import.meta.url));

function testsIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return testsIn(path);
    return entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

const wanted = process.argv.slice(2);
const tests = testsIn(join(web, 'src')).filter(
  (path) => wanted.length === 0 || wanted.some((part) => path.includes(part)),
);
if (tests.length === 0) throw new Error('no tests found');

const out = mkdtempSync(join(tmpdir(), 'gnosis-web-unit-'));
try {
  // Each test file is a bundle of its own, so that no state is shared between them.
  await build({
    absWorkingDir: web,
    entryPoints: tests,
    outbase: join(web, 'src'),
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'node18',
    external: ['node:*'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  const files = tests.map((path) =>
    join(out, relative(join(web, 'src'), path)).replace(/\.ts$/, '.mjs'),
  );
  const flags = ['--enable-source-maps', '--test'];
  const { status } = spawnSync(process.execPath, [...flags, ...files], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
