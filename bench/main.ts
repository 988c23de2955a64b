import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureBridge } from './bridge.ts';
import { measureChain } from './chain.ts';
import { measureColdStart } from './cold-start.ts';
import { describeMachine, type Row, table } from './measure.ts';
import { measureSubjects } from './subjects.ts';
import { measureWatch } from './watch.ts';
import { removeAll } from './workload.ts';

/** Runs the benchmarks named in `only` (all without one) and prints one table. */
export async function main(root: string, only: readonly string[]): Promise<void> {
  const base = mkdtempSync(join(process.env['RGOV_BENCH_DIR'] ?? tmpdir(), 'rgov-bench-'));
  const wanted = (name: string): boolean => only.length === 0 || only.includes(name);
  const rows: Row[] = [];
  try {
    console.log(describeMachine(base));
    if (wanted('chain')) rows.push(...(await measureChain(base, join(root, 'bench/receiver.mjs'))));
    if (wanted('bridge')) rows.push(...(await measureBridge(base, join(root, 'bench/receiver.mjs'))));
    if (wanted('watch')) rows.push(...(await measureWatch(base, join(root, 'dist/rgov.cjs'))));
    if (wanted('subjects')) rows.push(...(await measureSubjects(base, join(root, 'dist/rgov.cjs'))));
    if (wanted('cold-start')) rows.push(...(await measureColdStart(base, join(root, 'dist/rgov.cjs'))));
  } finally {
    removeAll(base);
  }
  console.log(`\n${table(rows)}`);
}
