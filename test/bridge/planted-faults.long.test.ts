import { expect, it } from 'vitest';
import type { Check } from './checker.ts';
import { killAndDrain } from './drain.ts';
import { FaultyProgram, type Patch } from './faulty-program.ts';

const LIMIT_MS = 600_000;

interface Fault {
  name: string;
  patches: Patch[];
  /** Which of the checks may notice it; which one does so first depends on the moment of a kill. */
  caughtBy: Check[];
}

const FAULTS: Fault[] = [
  {
    name: 'a receipt is written before sending',
    patches: [
      {
        file: 'src/apply/supervisor.ts',
        replace: 'line.add(attempt);',
        by: `const early = { kind: 'proved' as const, level: 'accepted' as const, reference: 'early' };
    this.#recorder.add({ attempt, outcome: early, publication: this.#deps.settle(attempt, early) });
    line.add(attempt);`,
      },
    ],
    caughtBy: ['acked but never received'],
  },
  {
    name: 'a claim is granted twice: a name that is taken counts as created',
    patches: [
      {
        file: 'src/store/publish.ts',
        replace: "(isErrno(error, 'EEXIST') ? 'same' : 'created') : 'differs';",
        by: "(isErrno(error, 'EEXIST') ? 'same' : 'created') : publication.kind === 'claim' ? 'created' : 'differs';",
      },
    ],
    caughtBy: ['attempt received twice'],
  },
  {
    name: 'an attempt of a dead owner counts as not sent',
    patches: [
      {
        file: 'src/plan/dispatch.ts',
        replace: "settle(attempt, { kind: 'indeterminate', reason }",
        by: "settle(attempt, { kind: 'retryable', reason }",
      },
    ],
    caughtBy: ['double without an indeterminate deferral'],
  },
  {
    name: 'an attempt is made before its claim is written',
    patches: [
      {
        file: 'src/apply/index.ts',
        replace: 'const results = await publisher.publishAll(now);',
        by: `for (const step of now) if (isClaiming(step)) supervisor.begin(step.attempt);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const results = await publisher.publishAll(now);`,
      },
      {
        file: 'src/apply/index.ts',
        replace: "if (results[i] === 'created') supervisor.begin(step.attempt);\n      else supervisor.release(step.attempt);",
        by: '',
      },
    ],
    caughtBy: ['attempt received that nobody had claimed', 'attempt received twice'],
  },
  {
    name: 'a claim of a dead process is taken away',
    patches: [
      {
        file: 'src/store/load.ts',
        replace: 'last.claim = claim.stored;\n    }',
        by: `last.claim = claim.stored;
      if (this.#livenessOf(claim.stored.document.owner, 0) === 'dead') {
        unlinkSync(this.#layout.at(claim.stored.link.path));
        return { notice, last: { ...last, owner: 'unclaimed' }, reopened };
      }
    }`,
      },
      {
        file: 'src/store/load.ts',
        replace: 'import type { Event, Notice',
        by: "import { unlinkSync } from 'node:fs';\nimport type { Event, Notice",
      },
    ],
    caughtBy: ['attempt received twice', 'attempt received that nobody had claimed', 'claim changed or gone'],
  },
  {
    name: 'a receipt names another handoff than its own',
    patches: [
      {
        file: 'src/plan/settle.ts',
        replace: 'handoff,\n    revision,',
        by: "handoff: handoff && { ...handoff, sha256: '0'.repeat(64) },\n    revision,",
      },
    ],
    caughtBy: ['link broken'],
  },
];

it.each(FAULTS)(
  'the harness fails where $name',
  async ({ patches, caughtBy }) => {
    const faulty = new FaultyProgram(patches);
    try {
      const { violations, kills, seed } = await killAndDrain({
        program: faulty.path,
        kills: 60,
        notices_a_kill: 5,
        idempotent: true,
        concurrency: 1,
        victim: 'bridges',
        checkEvery: 2,
      });
      const checks = [...new Set(violations.map(({ check }) => check))];
      console.log(`noticed after ${kills} kills: ${checks.join('; ')}`);
      expect(
        checks.filter((check) => caughtBy.includes(check)),
        `RGOV_TEST_SEED=${seed}: ${checks.join('; ')}`,
      ).not.toEqual([]);
    } finally {
      faulty.remove();
    }
  },
  LIMIT_MS,
);
