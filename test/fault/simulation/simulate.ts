import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Summary } from './main.ts';
import type { Patch } from './planted.ts';

const RUN = join(import.meta.dirname, 'run.mjs');
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;

export interface Wanted {
  from: number;
  count: number;
  /** Ends as soon as so many schedules have failed. */
  most: number;
  patches?: readonly Patch[];
  /** Names come to the disk in no order, and processes die and the power fails again and again. */
  isHarsh?: boolean;
}

/** Runs schedules in a process of their own, as nothing there may wait for anything real. */
export async function simulate({ from, count, most, patches = [], isHarsh = false }: Wanted): Promise<Summary> {
  const wanted = ['--from', from, '--count', count, '--most', most].map(String);
  const args = ['--max-semi-space-size=32', RUN, '--json', ...wanted, '--patches', JSON.stringify(patches), ...(isHarsh ? ['--harsh'] : [])];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: MOST_OUTPUT_BYTES });
  return JSON.parse(stdout) as Summary;
}

/** The same schedules on two processors. */
export async function simulateOnTwo({ from, count, ...parts }: Wanted): Promise<Summary> {
  const half = Math.ceil(count / 2);
  const [first, second] = await Promise.all([
    simulate({ from, count: half, ...parts }),
    simulate({ from: from + half, count: count - half, ...parts }),
  ]);
  const totals = Object.fromEntries(Object.entries(first.totals).map(([name, value]) => [name, value + (second.totals[name] ?? 0)]));
  return { schedules: first.schedules + second.schedules, totals, failed: [...first.failed, ...second.failed] };
}

/** What failed, in words that say how to see it again. */
export function describeFailures({ failed }: Summary, isHarsh = false): string[] {
  return failed.map(({ seed, offences }) => `npm run simulate -- --seed ${seed}${isHarsh ? ' --harsh' : ''} --verbose: ${offences.join('; ')}`);
}
