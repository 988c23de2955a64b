import { describePlanted, type PlantedFault } from '../support/planted-scenarios.ts';
import { Elsewhere } from './elsewhere.ts';
import { otherMachine, otherProcessTable, pidReuse, reboot, wallClockJump } from './scenarios.ts';
import { whyNoClock } from './steady-clock.ts';

const HOST = 'src/run/host.ts';

const FAULTS: PlantedFault[] = [
  {
    name: 'whoever has the number of the owner counts as the owner',
    patches: [{ file: HOST, replace: "return start === owner.start ? 'alive' : 'dead';", by: "return 'alive';" }],
    scenario: pidReuse,
    caughtBy: 'an attempt whose process number was given away was taken over by nobody',
  },
  {
    name: 'a restart of the machine is not noticed',
    patches: [{ file: HOST, replace: "if (owner.boot !== me.boot) return 'dead';", by: '' }],
    scenario: reboot(true),
    caughtBy: 'an attempt of another boot was taken over by nobody',
  },
  {
    name: 'what cannot be seen in this process table counts as dead',
    patches: [{ file: HOST, replace: "if (owner.pidNamespace !== me.pidNamespace) return 'unknown';", by: '' }],
    scenario: otherProcessTable,
    caughtBy: 'an attempt was taken over by somebody who cannot know whether its process lives',
  },
  {
    name: 'an attempt of a dead owner is repeated whether or not the receiver ignores repetitions',
    patches: [{ file: 'src/plan/dispatch.ts', replace: 'idempotent: sender.idempotent && document.sender.idempotent }', by: 'idempotent: true }' }],
    scenario: reboot(false),
    caughtBy: 'attempts 1,2 were received, not 1',
  },
  {
    name: 'what an owner proves late is dropped',
    patches: [
      {
        file: 'src/apply/supervisor.ts',
        replace: 'recordBeside: (...args) => this.#news.orTell(() => deps.recordBeside(...args)),',
        by: 'recordBeside: () => {},',
      },
    ],
    scenario: reboot(true),
    caughtBy: 'the late evidence of the first owner is lost',
  },
  {
    name: 'a heartbeat counts for nothing',
    patches: [{ file: 'src/run/liveness.ts', replace: 'if (known?.beat === beat)', by: 'if (known)' }],
    scenario: otherMachine,
    caughtBy: 'an attempt was taken over although the heart of its owner beats',
  },
  {
    name: 'leases are measured by the wall clock',
    patches: [{ file: 'src/run/liveness.ts', replace: 'Number(process.hrtime.bigint() / 1_000_000n)', by: 'Date.now()' }],
    scenario: wallClockJump,
    caughtBy: 'a lease ended with a jump of the wall clock',
  },
];

describePlanted(
  { suite: 'owners', of: 'what is known of owners', path: 'test/fault/owners/planted.fault.ts' },
  FAULTS,
  Elsewhere.whyNot() ?? whyNoClock(),
);
