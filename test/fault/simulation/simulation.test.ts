import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PLANTED } from './planted.ts';
import { describeFailures, simulate } from './simulate.ts';

/** Of the faults that are planted in the long suite, two that show soon: this suite must be able to fail. */
const SHOWN_SOON = ['a receipt names other bytes than those of its handoff', 'a receipt is written before sending'];

it('a few hundred schedules with crashes, power cuts, failing disks and wrong clocks end well', async () => {
  const summary = await simulate({ from: 1, count: 300, most: 3 });
  expect(describeFailures(summary)).toEqual([]);
  expect(summary.schedules).toBe(300);
  for (const what of ['crashes', 'powerCuts', 'faults', 'jumps', 'deliveries']) expect(summary.totals[what], what).toBeGreaterThan(0);
});

it('the same seed gives the same schedule, whatever ran before it', () => {
  const run = (seeds: string[]): string[] =>
    execFileSync(process.execPath, [join(import.meta.dirname, 'run.mjs'), ...seeds, '--verbose'], {
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
    })
      // write-file-atomic counts its temporary names through all schedules of a process.
      .replace(/(\.json)\.\d+/g, '$1.N')
      .split('\n');
  const alone = run(['--seed', '11']).slice(0, -2);
  const among = run(['--from', '7', '--count', '5']);
  expect(alone.length).toBeGreaterThan(50);
  expect(among.slice(-alone.length - 2, -2)).toEqual(alone);
});

it.each(PLANTED.filter(({ name }) => SHOWN_SOON.includes(name)))('notices where $name', async ({ patches, caughtBy }) => {
  const { failed } = await simulate({ from: 1, count: 200, most: 1, patches });
  expect(failed.flatMap(({ offences }) => offences.filter((text) => caughtBy.some((kind) => text.startsWith(`${kind}: `))))).not.toEqual([]);
});
