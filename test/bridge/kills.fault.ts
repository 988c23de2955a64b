import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { PROGRAM } from '../support/cli.ts';
import { type Drained, type DrainOptions, killAndDrain } from './drain.ts';

const LIMIT_MS = 900_000;

async function played(options: Omit<DrainOptions, 'program'>): Promise<Drained> {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: run npm run build first`);
  const drained = await killAndDrain({ program: PROGRAM, ...options });
  const { violations, indeterminate, kills, requests, seed } = drained;
  console.log(`${kills} kills, ${requests} requests, ${indeterminate} attempts left indeterminate, RGOV_TEST_SEED=${seed}`);
  expect(violations, `RGOV_TEST_SEED=${seed}`).toEqual([]);
  expect(kills).toBe(options.kills);
  return drained;
}

it(
  'loses nothing and sends no attempt twice while bridges to an idempotent receiver are killed 200 times over 1,000 notices',
  async () => {
    const { requests, indeterminate } = await played({ kills: 200, notices_a_kill: 5, idempotent: true, concurrency: 1, victim: 'bridges' });
    expect(requests).toBeGreaterThanOrEqual(1_000);
    expect(indeterminate, 'kills that hit an attempt').toBeGreaterThanOrEqual(20);
  },
  LIMIT_MS,
);

it(
  'sends nothing twice to a receiver that is not idempotent, and leaves to a human what was under way at a kill',
  async () => {
    const [kills, concurrency] = [40, 1];
    const { requests, indeterminate } = await played({ kills, notices_a_kill: 5, idempotent: false, concurrency, victim: 'bridges' });
    expect(requests).toBeLessThanOrEqual(200);
    expect(indeterminate, 'kills that hit an attempt').toBeGreaterThanOrEqual(4);
    expect(indeterminate, 'no more than were being sent').toBeLessThanOrEqual(kills * concurrency);
  },
  LIMIT_MS,
);

it(
  'loses nothing while a watch that sends by itself is killed 40 times',
  async () => {
    const { indeterminate } = await played({ kills: 40, notices_a_kill: 5, idempotent: true, concurrency: 1, victim: 'watch' });
    expect(indeterminate, 'kills that hit an attempt').toBeGreaterThanOrEqual(4);
  },
  LIMIT_MS,
);
