// Compiles src, migrations and test into TEST_DIST (default dist-test), from nothing, so that no deleted spec runs on,
// and puts what the portal's pages are made of beside them.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';

const out = process.env.TEST_DIST ?? 'dist-test';
rmSync(out, { recursive: true, force: true });
for (const program of [
  ['node_modules/@swc/cli/bin/swc.js', 'src', 'migrations', 'test', '-d', out, '-q'],
  ['src/portal/assets/build.mjs', out],
]) {
  const { status } = spawnSync(process.execPath, program, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
