import { whyNoClock } from '../owners/steady-clock.ts';
import { describePlanted, type PlantedFault } from '../support/planted-scenarios.ts';
import { breakerOfTheFuture, cronOfTheFuture, waitOfTheFuture } from './scenarios.ts';

const BREAKER = 'src/plan/features/breaker/index.ts';

const FAULTS: PlantedFault[] = [
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

describePlanted({ suite: 'clocks', of: 'what is made of wrong clocks', path: 'test/fault/clocks/planted.fault.ts' }, FAULTS, whyNoClock());
