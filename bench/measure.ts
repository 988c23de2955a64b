import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))] as number;
}

export async function timed(work: () => unknown): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

/** `RGOV_BENCH_QUICK=1`: small numbers, to see whether a benchmark works; its figures mean nothing. */
export const QUICK = process.env['RGOV_BENCH_QUICK'] === '1';

/** The machine and the file system, without which no figure means anything. */
export function describeMachine(folder: string): string {
  const [fileSystem = 'unknown', options = ''] = execFileSync('findmnt', ['-no', 'FSTYPE,OPTIONS', '-T', folder], { encoding: 'utf8' })
    .trim()
    .split(/\s+/);
  const journal = fileSystem === 'ext4' ? (options.includes('nojournal') ? 'no journal' : 'journal as mounted') : '';
  return `Node ${process.version}, Linux ${release()}, ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, ${fileSystem} ${journal} (${options})`;
}

/** Such as 1,000,000: the same on every machine. */
export const thousands = (count: number): string => count.toLocaleString('en');

export interface Row {
  what: string;
  median: string;
  spread: string;
  ratio: string;
  goal: string;
}

export function table(rows: readonly Row[]): string {
  const head: Row = { what: 'what', median: 'median', spread: 'min .. max', ratio: 'ratio', goal: 'goal' };
  const columns = ['what', 'median', 'spread', 'ratio', 'goal'] as const;
  const widths = columns.map((column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  const line = (row: Row): string =>
    columns
      .map((column, i) => row[column].padEnd(widths[i] as number))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}
