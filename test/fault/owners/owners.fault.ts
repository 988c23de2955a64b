import { existsSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { PROGRAM } from '../../support/cli.ts';
import { skipBecause } from '../../support/hostile-things.ts';
import { keepFigures } from '../support/figures.ts';
import { Elsewhere } from './elsewhere.ts';
import { otherMachine, otherProcessTable, pidReuse, reboot, type Scenario, stoppedHere, wallClockJump } from './scenarios.ts';
import { whyNoClock } from './steady-clock.ts';

const why = Elsewhere.whyNot() ?? whyNoClock();
if (why !== null) skipBecause(why);

const SCENARIOS: [string, Scenario][] = [
  ['restarted with another boot id, the receiver ignores repetitions', reboot(true)],
  ['restarted with another boot id, the receiver shows repetitions', reboot(false)],
  ['dead, and its process number given to another program', pidReuse],
  ['stopped in the middle of a send, on the same machine', stoppedHere],
  ['on another machine, first with a heartbeat, then stopped, then going on', otherMachine],
  ['on another machine whose wall clock jumps by an hour', wallClockJump],
  ['in another process table, first with a heartbeat, then stopped, then going on', otherProcessTable],
];

const passed: string[] = [];

describe.skipIf(why !== null)('the owner of an attempt that is under way', () => {
  it.concurrent.each(SCENARIOS)('%s', async (name, scenario) => {
    if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: run npm run build first`);
    expect(await scenario(PROGRAM)).toEqual([]);
    passed.push(name);
  });
});

afterAll(() => {
  keepFigures('owners', {
    title: 'Owners of attempts that die, sleep or live elsewhere',
    about:
      'A real process is in the middle of sending when its machine restarts, its number is given to another program, or it is stopped; others come upon its claim from the same machine, another boot, another process table or another machine that shares the state. Machine, boot and process table are made with namespaces; the program itself is as shipped. The first owner then goes on: what it can prove by then is recorded beside what others have written, and nobody is sent anything twice that is not marked as in doubt.',
    command: 'npx vitest run --config vitest.fault.config.ts test/fault/owners/owners.fault.ts',
    rows: SCENARIOS.map(([what]) => ({ what, value: passed.includes(what) ? 'holds' : 'fails' })),
    skipped: why,
  });
});
