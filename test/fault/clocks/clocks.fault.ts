import { existsSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { PROGRAM } from '../../support/cli.ts';
import { skipBecause } from '../../support/hostile-things.ts';
import { seedOfRun } from '../chaos/random.ts';
import { whyNoClock } from '../owners/steady-clock.ts';
import { keepFigures } from '../support/figures.ts';
import {
  breakerOfTheFuture,
  changeOfDay,
  clocksGoBack,
  clocksGoForward,
  cronOfTheFuture,
  jumps,
  rateOfTheFuture,
  type Scenario,
  sealedEarly,
  waitOfTheFuture,
} from './scenarios.ts';

const why = whyNoClock();
if (why !== null) skipBecause(why);
const seed = seedOfRun();

const SCENARIOS: [string, Scenario][] = [
  ['jumps by an hour, a day, a year and anyhow, ahead and back', jumps(seed)],
  ['was ahead while a circuit breaker opened', breakerOfTheFuture],
  ['was ahead while a receiver asked to wait', waitOfTheFuture],
  ['was ahead while attempts took their turns', rateOfTheFuture],
  ['was ahead while a cron job remembered what is due when', cronOfTheFuture],
  ['is weeks ahead while days are sealed', sealedEarly],
  ['goes over the end of a day', changeOfDay],
  ['goes over the night in which clocks go back', clocksGoBack],
  ['goes over the night in which clocks go forward', clocksGoForward],
];

const passed: string[] = [];

describe.skipIf(why !== null)(`a wall clock that (RGOV_TEST_SEED=${seed})`, () => {
  it.concurrent.each(SCENARIOS)('%s', async (name, scenario) => {
    if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: run npm run build first`);
    expect(await scenario(PROGRAM), `RGOV_TEST_SEED=${seed}`).toEqual([]);
    passed.push(name);
  });
});

afterAll(() => {
  keepFigures('clocks', {
    title: 'Wall clocks that are wrong',
    about:
      'The wall clock of `rgov watch` and `rgov reconcile` is set ahead and back while they work (libfaketime), by an hour, a day and a year, over the end of a day and over the nights in which clocks are changed. Whatever it did, every notice comes to its end once the clock is right again, nobody is told twice, and nothing waits for a time that was only a mistake.',
    command: 'npx vitest run --config vitest.fault.config.ts test/fault/clocks/clocks.fault.ts',
    rows: SCENARIOS.map(([what]) => ({ what: `a clock that ${what}`, value: passed.includes(what) ? 'holds' : 'fails' })),
    skipped: why,
  });
});
