import { describe, expect, it } from 'vitest';
import { FaultyProgram, type Patch } from '../../bridge/faulty-program.ts';
import { whyNoClock } from '../owners/steady-clock.ts';
import { keepFigures } from '../support/figures.ts';
import { breakerOfTheFuture, cronOfTheFuture, type Scenario, waitOfTheFuture } from './scenarios.ts';

interface Fault {
  name: string;
  patches: Patch[];
  scenario: Scenario;
  /** What that scenario says of it. */
  caughtBy: string;
}

const BREAKER = 'src/plan/features/breaker/index.ts';

const FAULTS: Fault[] = [
  {
    name: 'failures of a time that has not come yet keep a circuit breaker open',
    patches: [{ file: BREAKER, replace: '&& !isOfWrongClock(at_ms, now_ms));', by: ');' }],
    scenario: breakerOfTheFuture,
    caughtBy: 'a breaker that was opened by a clock that was wrong stays open',
  },
  {
    name: 'a receiver that asked to wait at a time that has not come yet is obeyed',
    patches: [{ file: BREAKER, replace: 'failures.filter(({ at_ms }) => !isOfWrongClock(at_ms, now_ms))', by: 'failures' }],
    scenario: waitOfTheFuture,
    caughtBy: 'what a receiver asked for at a time that has not come yet is waited for',
  },
  {
    name: 'the next attempt is made when a clock that was wrong has said',
    patches: [
      {
        file: 'src/plan/dispatch.ts',
        replace: 'isOfWrongClock(Date.parse(recordedAt), now_ms) ? now_ms : Date.parse(retryAt)',
        by: 'Date.parse(retryAt)',
      },
    ],
    scenario: waitOfTheFuture,
    caughtBy: 'what a receiver asked for at a time that has not come yet is waited for',
  },
  {
    name: 'what was remembered of a day by a clock that was wrong is believed',
    patches: [{ file: 'src/store/survey.ts', replace: '!isOfWrongClock(index.at_ms ?? 0, now_ms)', by: 'true' }],
    scenario: cronOfTheFuture,
    caughtBy: 'a pass goes by what an earlier one remembered of the future',
  },
];

const why = whyNoClock();

describe.skipIf(why !== null)('the suite on clocks fails where', () => {
  it.concurrent.each(FAULTS)('$name', async ({ patches, scenario, caughtBy }) => {
    const faulty = new FaultyProgram(patches);
    try {
      expect(await scenario(faulty.path)).toContain(caughtBy);
    } finally {
      faulty.remove();
    }
  });

  it('and its page lists them', () => {
    keepFigures('clocks-planted', {
      title: 'Faults planted in what is made of wrong clocks',
      about: 'Copies of the program with one fault each; the suite on clocks has to say what is wrong with each of them.',
      command: 'npx vitest run --config vitest.fault.config.ts test/fault/clocks/planted.fault.ts',
      rows: FAULTS.map(({ name, caughtBy }) => ({ what: name, value: `caught: ${caughtBy}` })),
      skipped: null,
    });
  });
});
