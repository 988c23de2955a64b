import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { measureBridge } from './bridge.ts';
import { measureChain } from './chain.ts';
import { measureColdStart } from './cold-start.ts';
import { measureGate } from './gate.ts';
import { describeMachine, QUICK, type Row, table } from './measure.ts';
import { measurePeers } from './peers/index.ts';
import { measureSubjects } from './subjects.ts';
import { measureWatch } from './watch.ts';
import { removeAll } from './workload.ts';
import { writeDocs } from './write-docs.ts';
import { measureYear, yearTree } from './year/index.ts';

/** Where a benchmark works (`base`, removed at the end) and what it was asked for, such as `peers/postfix`. */
interface Run {
  base: string;
  root: string;
  only: readonly string[];
}

const BENCHMARKS: Record<string, (run: Run) => Promise<Row[]>> = {
  chain: ({ base, root }) => measureChain(base, join(root, 'bench/receiver.mjs')),
  peers: ({ base, root, only }) => {
    const isWanted = (peer: string): boolean => only.length === 0 || only.includes('peers') || only.includes(`peers/${peer}`);
    return measurePeers(base, { root, bundle: dirname(process.argv[1] ?? root), isWanted });
  },
  bridge: ({ base, root }) => measureBridge(base, join(root, 'bench/receiver.mjs')),
  watch: ({ base, root }) => measureWatch(base, join(root, 'dist/rgov.cjs')),
  subjects: ({ base, root }) => measureSubjects(base, join(root, 'dist/rgov.cjs')),
  'cold-start': ({ base, root }) => measureColdStart(base, root),
  gate: ({ base, root }) => measureGate(base, root),
  year: ({ base, root }) => measureYear(base, root),
};

/** Runs the benchmarks named in `args` (all without one) and prints one table; `--write-docs` puts it into docs/benchmarks.md, too. */
export async function main(root: string, args: readonly string[]): Promise<void> {
  if (args[0] === 'year-tree') return yearTree(root, args.slice(1));
  const only = args.filter((arg) => arg !== '--write-docs');
  const names = Object.keys(BENCHMARKS).filter((name) => only.length === 0 || only.some((arg) => arg === name || arg.startsWith(`${name}/`)));
  const unknown = only.find((arg) => !names.includes(arg.split('/')[0] as string));
  if (unknown !== undefined) throw new Error(`there is no benchmark ${unknown}; there are ${Object.keys(BENCHMARKS).join(', ')}`);
  const base = mkdtempSync(join(process.env['RGOV_BENCH_DIR'] ?? tmpdir(), 'rgov-bench-'));
  // Servers run as users of their own.
  chmodSync(base, 0o711);
  // Servers that a benchmark has started end with it, and what lies on the disk goes.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  process.once('exit', () => removeAll(base));
  const machine = describeMachine(base);
  console.log(machine);
  const rows: Row[] = [];
  for (const name of names) {
    const measured = (await BENCHMARKS[name]?.({ base, root, only })) ?? [];
    rows.push(...measured);
    if (args.includes('--write-docs') && !QUICK) writeDocs(root, name, machine, measured);
  }
  console.log(`\n${table(rows)}`);
}
