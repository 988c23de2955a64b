import { mkdtempSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { median, QUICK, type Row, thousands } from '../measure.ts';
import { peakMemoryMiB, runRgov, timeOf } from '../rgov-command.ts';
import { removeAll } from '../workload.ts';
import { makeYear } from './make.ts';

const RUNS = QUICK ? 2 : 7;
const DAYS = QUICK ? 12 : 365;
const PER_DAY = QUICK ? 50 : 1_000;
const LOOSE_DAYS = 2;

/** `npm run year-tree -- DIR [--days 365] [--per-day 1000] [--loose-days 2]` */
export async function yearTree(root: string, args: string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      days: { type: 'string', default: `${DAYS}` },
      'per-day': { type: 'string', default: `${PER_DAY}` },
      'loose-days': { type: 'string', default: `${LOOSE_DAYS}` },
    },
  });
  const [dir] = positionals;
  const [days, perDay, looseDays] = [values.days, values['per-day'], values['loose-days']].map(Number) as [number, number, number];
  if (dir === undefined || ![days, perDay, looseDays].every((number) => Number.isInteger(number) && number > 0)) {
    console.error('usage: npm run year-tree -- DIR [--days 365] [--per-day 1000] [--loose-days 2]');
    process.exitCode = 2;
    return;
  }
  const workspace = resolve(dir);
  const year = await makeYear(workspace, { program: join(root, 'dist/rgov.cjs'), days, perDay, looseDays, onDay: progress });
  console.log(`${thousands(year.artifacts)} artifacts of ${thousands(year.notices)} notices, ${year.from} to ${year.to}, in ${workspace}`);
  console.log(`on an archived day: rgov explain -C ${workspace} ${year.archivedNotice}`);
}

/** What an operator asks of a year of work: each must be answered within two seconds. */
export async function measureYear(base: string, root: string): Promise<Row[]> {
  const program = join(root, 'dist/rgov.cjs');
  const workspace = mkdtempSync(join(base, 'year-'));
  console.log(`making a year of ${thousands(PER_DAY)} notices a day ...`);
  const year = await makeYear(workspace, { program, days: DAYS, perDay: PER_DAY, looseDays: LOOSE_DAYS });
  const before = readdirSync(join(workspace, 'state/archives')).length;
  const first = timeOf(workspace, process.execPath, [program, 'reconcile'], [0, 1]);
  const after = JSON.parse(runRgov(program, workspace, ['reconcile', '--json'], [0, 1])) as { raised?: unknown[]; decided?: unknown };
  if ((after.raised ?? []).length > 0) throw new Error('the year is not settled: a pass raised something');
  const commands = [['verify'], ['plan'], ['status'], ['explain', year.archivedNotice], ['reconcile']];
  const what = `a year: ${thousands(year.artifacts)} artifacts, ${before} days of ${DAYS} archived`;
  const rows = commands.map((command) => rowOf(workspace, program, command, what));
  rows.push({
    what: `the first pass that ever sees that year`,
    median: `${first.toFixed(0)} ms`,
    spread: '',
    ratio: '',
    goal: '',
  });
  removeAll(workspace);
  return rows;
}

function rowOf(workspace: string, program: string, command: readonly string[], what: string): Row {
  // 1: the answer is no, as where notices are blocked.
  const times = Array.from({ length: RUNS + 1 }, () =>
    timeOf(workspace, process.execPath, [program, ...command], command[0] === 'verify' ? [0] : [0, 1]),
  );
  const [cold = 0, ...warm] = times;
  return {
    what: `rgov ${command[0]}, ${what}`,
    median: `${median(warm).toFixed(0)} ms`,
    spread: `${Math.min(...warm).toFixed(0)} .. ${Math.max(...warm).toFixed(0)}; the first time ${cold.toFixed(0)}`,
    ratio: `${peakMemoryMiB(workspace, [program, ...command])} MiB`,
    goal: '<= 2000 ms',
  };
}

function progress(done: number, total: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${total} days${done === total ? '\n' : ''}`);
}
