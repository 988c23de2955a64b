import { describePlanted, type PlantedFault } from '../support/planted-scenarios.ts';
import type { Check } from './audit.ts';
import { playChaos } from './stage.ts';

const FAULTS: (Omit<PlantedFault, 'scenario'> & { caughtBy: Check })[] = [
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

async function smallChaos(program: string): Promise<string[]> {
  const { violations } = await playChaos({ program, notices: 150, kills: 8, seed: SEED, patience_ms: 30_000 });
  return [...new Set(violations.map(({ check }) => check))];
}

describePlanted(
  { suite: 'chaos', of: 'everything at once', path: 'test/fault/chaos/planted.fault.ts', inTurn: true },
  FAULTS.map((fault) => ({ ...fault, scenario: smallChaos })),
  null,
);
