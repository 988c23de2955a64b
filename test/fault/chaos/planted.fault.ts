import { expect, it } from 'vitest';
import { FaultyProgram, type Patch } from '../../bridge/faulty-program.ts';
import { keepFigures } from '../support/figures.ts';
import type { Check } from './audit.ts';
import { playChaos } from './stage.ts';

interface Fault {
  name: string;
  patches: Patch[];
  caughtBy: Check;
}

const FAULTS: Fault[] = [
  {
    name: 'an event that is dropped once more is filed once more',
    patches: [{ file: 'src/run/inbox.ts', replace: 'this.#index.find(hashes, freshness)', by: 'new Map<string, string>()' }],
    caughtBy: 'event recorded twice',
  },
  {
    name: 'a connection that breaks off counts as if nothing had been sent',
    patches: [{ file: 'src/senders/http-client/try-once.ts', replace: "{ kind: 'ambiguous', reason", by: "{ kind: 'retryable', reason" }],
    caughtBy: 'double without an attempt in doubt',
  },
  {
    name: 'a confirmation is believed whatever it claims',
    patches: [
      { file: 'src/run/judge.ts', replace: 'if (!reaches(ceiling, level)) {', by: "if (!reaches(ceiling, 'accepted')) {" },
      { file: 'src/model/check.ts', replace: '!reaches(receipt.ceiling, item.level)', by: "!reaches(receipt.ceiling, 'accepted')" },
    ],
    caughtBy: 'evidence above the ceiling',
  },
];

/** A seed under which each of them is seen; what real processes make of it differs a little from run to run. */
const SEED = 4711;

it.each(FAULTS)('the chaos fails where $name', async ({ patches, caughtBy }) => {
  const faulty = new FaultyProgram(patches);
  try {
    const { violations } = await playChaos({ program: faulty.path, notices: 150, kills: 8, seed: SEED, patience_ms: 30_000 });
    const checks = [...new Set(violations.map(({ check }) => check))];
    console.log(checks.join('; '));
    expect(checks, `RGOV_TEST_SEED=${SEED}`).toContain(caughtBy);
  } finally {
    faulty.remove();
  }
});

it('and its page lists them', () => {
  keepFigures('chaos-planted', {
    title: 'Faults planted under everything at once',
    about: 'Copies of the program with one fault each; a small chaos has to notice each of them.',
    command: 'npx vitest run --config vitest.fault.config.ts test/fault/chaos/planted.fault.ts',
    rows: FAULTS.map(({ name, caughtBy }) => ({ what: name, value: `caught: ${caughtBy}` })),
    skipped: null,
  });
});
