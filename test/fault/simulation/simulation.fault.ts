import { afterAll, expect, it } from 'vitest';
import { type Figures, keepFigures } from '../support/figures.ts';
import { PLANTED } from './planted.ts';
import { describeFailures, simulate, simulateOnTwo } from './simulate.ts';

const SCHEDULES = Number(process.env['RGOV_SCHEDULES'] ?? 100_000);
/** In which batches are torn far more often. */
const HARSH = Math.ceil(SCHEDULES / 20);
/** A planted fault that has not shown by then is not noticed. */
const MOST_SEEDS = 10_000;
const LIMIT_MS = 1_800_000;

const rows: Figures['rows'] = [];

afterAll(() => {
  keepFigures('simulation', {
    title: 'Simulated schedules',
    about:
      'The program runs on a simulated disk, clock, process table and network, several processes at a time, each of which may be interrupted by another in ' +
      'the middle of any call of the file system. A seed decides who does what when, where processes die, when the power fails and what it takes with it, which calls fail, ' +
      'how clocks are set and what receivers answer. At the end everything that was promised must be true. Any schedule can be run again from its seed: ' +
      'npm run simulate -- --seed 12345 --verbose.',
    command: 'npx vitest run --config vitest.fault.config.ts test/fault/simulation/simulation.fault.ts',
    rows,
    skipped: null,
  });
});

const SHOWN: [string, string][] = [
  ['processes', 'processes started'],
  ['calls', 'calls of the file system'],
  ['crashes', 'processes killed'],
  ['powerCuts', 'power cuts'],
  ['lostNames', 'names that a power cut took back'],
  ['faults', 'calls of the file system that were made to fail'],
  ['switches', 'calls in the middle of which another process went on'],
  ['stops', 'processes held back'],
  ['jumps', 'clocks set'],
  ['deliveries', 'messages received'],
  ['repetitions', 'of those, repetitions with the same key that an idempotent receiver ignores, or that a human asked for'],
];

it(
  `${SCHEDULES} schedules end well`,
  async () => {
    const summary = await simulateOnTwo({ from: 1, count: SCHEDULES, most: 5 });
    rows.push({ what: 'schedules', value: summary.schedules });
    for (const [name, what] of SHOWN) rows.push({ what, value: summary.totals[name] ?? 0 });
    rows.push({ what: 'schedules with a violation', value: summary.failed.length });
    expect(describeFailures(summary)).toEqual([]);
    expect(summary.schedules).toBe(SCHEDULES);
  },
  LIMIT_MS,
);

it(
  `${HARSH} harsh schedules end well`,
  async () => {
    const summary = await simulateOnTwo({ from: 1, count: HARSH, most: 5, isHarsh: true });
    rows.push({
      what: 'schedules on a disk that keeps names in no order, where processes die and the power fails again and again',
      value: summary.schedules,
    });
    rows.push({ what: 'processes killed, and power cuts, in these', value: `${summary.totals['crashes']}, ${summary.totals['powerCuts']}` });
    rows.push({ what: 'of these, with a violation', value: summary.failed.length });
    expect(describeFailures(summary, true)).toEqual([]);
    expect(summary.schedules).toBe(HARSH);
  },
  LIMIT_MS,
);

it.each(PLANTED)(
  'notices where $name',
  async ({ name, patches, caughtBy, isHarsh = false }) => {
    const { failed } = await simulate({ from: 1, count: MOST_SEEDS, most: 1, patches, isHarsh });
    const offences = failed.flatMap((item) => item.offences);
    const kinds = caughtBy.filter((kind) => offences.some((text) => text.startsWith(`${kind}: `)));
    rows.push({
      what: `planted: ${name}`,
      value: kinds.length === 0 ? 'not noticed' : `found by "${kinds.join('", "')}" after ${failed[0]?.seed} schedules`,
    });
    expect(kinds, offences.join('; ')).not.toEqual([]);
  },
  LIMIT_MS,
);
