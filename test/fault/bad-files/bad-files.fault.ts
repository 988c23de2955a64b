import { chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { FaultyProgram, type Patch } from '../../bridge/faulty-program.ts';
import { keepFigures } from '../support/figures.ts';
import { type Mixture, mixed, type Outcome } from './crowd.ts';

const LIMIT_MS = 900_000;
/** How much of it is done; below 1 for a quick look. */
const SCALE = Number(process.env['RGOV_FAULT_SCALE'] ?? 1);
const ALL: Mixture = { good: 10_000 * SCALE, spoiled: 340, strangers: 200, misnamed: 150, orphans: 90, undecided: 80, drops: 80, locked: 60 };
const FEW: Mixture = { good: 60, spoiled: 32, strangers: 25, misnamed: 20, orphans: 9, undecided: 6, drops: 25, locked: 4 };
const badOf = ({ good: _, ...bad }: Mixture): number => Object.values(bad).reduce((sum, n) => sum + n, 0);

const PLANTED: { name: string; patches: readonly Patch[] }[] = [
  {
    name: 'a key may stand twice',
    patches: [{ file: 'src/model/json.ts', replace: 'if (keys.has(key)) return', by: 'if (keys.has(key) && key.length > 500) return' }],
  },
  {
    name: 'a name need not follow from the content',
    patches: [{ file: 'src/store/read.ts', replace: 'const mismatch = nameMismatch(kind, document, name, file);', by: 'const mismatch = null;' }],
  },
  {
    name: 'what is no regular file counts as missing',
    patches: [
      {
        file: 'src/store/read.ts',
        replace: "if (read.kind === 'bad') return { kind: 'bad', path, reason: read.reason, detail: read.detail };",
        by: "if (read.kind === 'bad') return { kind: 'missing' };",
      },
    ],
  },
];
const noticed: string[] = [];
let result: Outcome | undefined;

/** What is not as it must be. */
function faultsIn(mixture: Mixture, outcome: Outcome): string[] {
  const { good, strangers, drops, locked } = mixture;
  const { reasons, expectedReasons } = outcome;
  // What stands there and says nothing is refused for many reasons; how many of each is no promise.
  const unsaid = Object.entries(reasons).reduce((sum, [reason, n]) => sum + n - (expectedReasons[reason] ?? 0), 0);
  const less = Object.keys(expectedReasons).filter((reason) => (reasons[reason] ?? 0) < (expectedReasons[reason] ?? 0));
  const checks: [string, boolean][] = [
    ['all but the locked ones are in quarantine', outcome.moved === badOf(mixture) - locked],
    ['each with a note', outcome.withoutNote === 0],
    ['for the reasons that they were made for', less.length === 0 && unsaid === strangers + drops],
    ['the locked ones are reported', outcome.reported === locked],
    ['every good one is delivered', outcome.received === good && outcome.acked === good],
    ['once', outcome.requests === good],
    ['the exit code says that something could not be read', outcome.code === 4],
    ['nothing else is complained of', outcome.stderr === ''],
    [
      'a second pass finds nothing to do',
      JSON.stringify(outcome.secondPass) === JSON.stringify({ quarantined: 0, requests: 0, added: 0, reported: locked }),
    ],
  ];
  return checks.flatMap(([what, holds]) => (holds ? [] : [what]));
}

/** A copy of the program that another user may run, wherever this one lies. */
async function withCopy<T>(patches: readonly Patch[], use: (program: string) => Promise<T>): Promise<T> {
  const copy = new FaultyProgram(patches);
  try {
    chmodSync(dirname(dirname(copy.path)), 0o755);
    return await use(copy.path);
  } finally {
    copy.remove();
  }
}

it(
  '1,000 bad files among 10,000 good ones',
  async () => {
    expect(badOf(ALL)).toBe(1_000);
    result = await withCopy([], (program) => mixed(ALL, program));
    expect(faultsIn(ALL, result), JSON.stringify(result)).toEqual([]);
  },
  LIMIT_MS,
);

it(
  'the same with few, where the harness is tried with faults',
  async () => {
    const outcome = await withCopy([], (program) => mixed(FEW, program));
    expect(faultsIn(FEW, outcome), JSON.stringify(outcome)).toEqual([]);
  },
  LIMIT_MS,
);

it.each(PLANTED)(
  'the harness fails where $name',
  async ({ name, patches }) => {
    const faults = await withCopy(patches, async (program) => faultsIn(FEW, await mixed(FEW, program)));
    console.log(`${name}: ${faults.join('; ')}`);
    expect(faults).not.toEqual([]);
    noticed.push(name);
  },
  LIMIT_MS,
);

afterAll(() => {
  keepFigures('bad-files', {
    title: 'Bad files among good ones',
    about:
      'Among events that are whole lie events that were cut off, torn, altered or doubled, links, pipes, sockets, devices, folders and huge files, names that belong to no artifact, rubbish in place of decisions, notices, handoffs and receipts, rubbish in the drop folder, and files and folders that the user who makes the passes may not read or move. Two passes, as a user who is not root.',
    command: 'npx vitest run --config vitest.fault.config.ts test/fault/bad-files',
    rows: [
      { what: 'good events', value: ALL.good },
      { what: 'bad files', value: badOf(ALL) },
      { what: 'good events that were delivered once and have an acked receipt', value: Math.min(result?.received ?? 0, result?.acked ?? 0) },
      { what: 'bad files in quarantine, each with its reason', value: result?.moved ?? 0 },
      { what: 'bad files that cannot be read or moved, and are reported', value: result?.reported ?? 0 },
      {
        what: 'what a second pass moved, sent or wrote',
        value: result ? result.secondPass.quarantined + result.secondPass.requests + result.secondPass.added : 0,
      },
      ...PLANTED.map(({ name }) => ({ what: `planted: ${name}`, value: noticed.includes(name) ? 'noticed' : 'not noticed' })),
    ],
    skipped: null,
  });
});
