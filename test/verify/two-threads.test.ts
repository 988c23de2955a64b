import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DayVerdict, type Surroundings, verifyDay } from '../../src/run/verify/day.ts';
import { DaysAside } from '../../src/run/verify/days-aside.ts';
import { takeInventory } from '../../src/run/verify/inventory.ts';
import { readSealChain } from '../../src/run/verify/seal-chain.ts';
import { SealLines } from '../../src/run/verify/seal-lines.ts';
import { FIRST, SECOND, THIRD, TODAY, Trail } from './state.ts';

const DAYS = [FIRST, SECOND, THIRD, TODAY];

const trail = new Trail();
let around: Surroundings;
const alone = new Map<string, DayVerdict>();
beforeAll(async () => {
  await trail.make();
  const receipt = trail.paths().find((path) => path.startsWith(`receipts/${TODAY}/`)) ?? '';
  writeFileSync(trail.layout.at(receipt), '{}\n');
  const { layout } = trail;
  around = { layout, chain: readSealChain(layout), inventory: takeInventory(layout), lines: new SealLines(layout), deep: true, onRead: () => {} };
  for (const day of DAYS) alone.set(day, verifyDay(around, day, null));
});
afterAll(() => trail.remove());

/** Days as this thread gets them; `pause` after the first one, so that the other thread gets some. */
async function ownOf(shared: DaysAside, pause: () => Promise<void> = async () => {}): Promise<string[]> {
  shared.tell(around.chain);
  const own: string[] = [];
  for await (const day of shared.own()) {
    own.push(day);
    if (own.length === 1) await pause();
  }
  return own;
}

/** Until the other thread has told of all days but one. */
async function untilOthersAreDone(shared: DaysAside): Promise<void> {
  while (shared.others.size < DAYS.length - 1) await new Promise((resolve) => setTimeout(resolve, 10));
}

it('finds the same in another thread, and each day is taken once', async () => {
  const shared = new DaysAside(around, DAYS, { few: 0 });
  const own = await ownOf(shared, () => untilOthersAreDone(shared));
  expect(own).toHaveLength(1);
  expect([...own, ...shared.others.keys()].sort()).toEqual(DAYS);
  for (const [day, verdict] of shared.others) expect(verdict).toEqual(alone.get(day));
  expect([...alone.values()].flatMap(({ findings }) => findings)).not.toEqual([]);
  await shared.close();
});

it('takes up again what a thread has taken that broke off', async () => {
  const program = join(trail.layout.root, '..', 'breaks-off.cjs');
  writeFileSync(
    program,
    "const { workerData } = require('node:worker_threads'); Atomics.add(new Int32Array(workerData.taken), 0, 2); throw new Error('broken off');",
  );
  const shared = new DaysAside(around, DAYS, { few: 0, program });
  const own = await ownOf(shared, () => new Promise((resolve) => setTimeout(resolve, 300)));
  expect(own.sort()).toEqual(DAYS);
  expect(shared.others.size).toBe(0);
  rmSync(program);
});

it('starts no thread for a few files, or where the program of the thread is missing', async () => {
  for (const options of [{}, { few: 0, program: '/nowhere/verify-days.cjs' }]) {
    const shared = new DaysAside(around, DAYS, options);
    expect(await ownOf(shared, () => new Promise((resolve) => setTimeout(resolve, 100)))).toEqual(DAYS);
  }
});
