// Compiles src, migrations and test into TEST_DIST (default dist-test), from nothing, so that no deleted spec runs on.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';

const out = process.env.TEST_DIST ?? 'dist-test';
rmSync(out, { recursive: true, force: true });
const { status } = spawnSync(
  process.execPath,
  ['node_modules/@swc/cli/bin/swc.js', 'src', 'migrations', 'test', '-d', out, '-q'],
  { stdio: 'inherit' },
);
process.exit(status ?? 1);
