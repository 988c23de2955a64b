import { afterAll, describe, expect, it } from 'vitest';
import { keepFigures } from '../support/figures.ts';
import { type Played, play, type Scenario } from './enumerate.ts';
import { whyNotHere } from './shim.ts';
import { Stage } from './stage.ts';

/** A slow machine takes its time; what hangs is ended by the limit of each run. */
const LIMIT_MS = 3_600_000;
/** So many of the violations are shown. */
const SHOWN = 10;

/** One test for each scenario: every call of its run is made to fail, and nothing may come of it. */
export function enumerated(file: string, title: string, scenarios: readonly Scenario[]): void {
  const why = whyNotHere();
  if (why !== null) console.warn(`${file}.fault.ts is skipped: ${why}`);
  const played = new Map<string, Played>();
  describe.skipIf(why !== null)(title, () => {
    it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
      '%s: every call fails once, and dies once before and after',
      async (_, scenario) => {
        const stage = await Stage.open();
        try {
          const result = await play(stage, scenario);
          played.set(scenario.name, result);
          console.log(
            `${scenario.name}: ${result.calls} calls, ${result.runs} runs, ${result.states} states, exits ${JSON.stringify(result.byExit)}`,
          );
          expect(result.broken.slice(0, SHOWN), `${result.broken.length} violations`).toEqual([]);
          expect(result.runs).toBeGreaterThan(2 * result.calls);
          // A harness whose faults do no harm would prove nothing.
          expect(Object.keys(result.byExit)).toEqual(expect.arrayContaining(scenario.staysAsItIs ? ['0', 'SIGKILL'] : ['4', 'SIGKILL']));
        } finally {
          stage.close();
        }
      },
      LIMIT_MS,
    );
  });
  afterAll(() => keep(file, title, played, why));
}

function keep(file: string, title: string, played: ReadonlyMap<string, Played>, skipped: string | null): void {
  const rows = [...played].flatMap(([name, { calls, kinds, runs, states, byFault, broken }]) => [
    { what: `${name}: file-system calls below state/`, value: calls },
    { what: `${name}: kinds of calls`, value: kinds },
    { what: `${name}: runs, each with one fault`, value: runs },
    { what: `${name}: of them`, value: sorted(byFault) },
    { what: `${name}: different states that they left, each let come to its end and judged`, value: states },
    { what: `${name}: violations`, value: broken.length },
  ]);
  keepFigures(`syscalls-${file}`, {
    title: `Every file-system call fails: ${title}`,
    about:
      'A preloaded library counts the calls that the built program makes at and below `state/`, over all threads. Then the same run is made again and again from the same state, each time with one fault in one call. Every call fails with EIO, is cut short if it moves bytes (once so that libuv goes on by itself, once so that the program has to), and dies with SIGKILL before it and, if it changes anything, after it. Nothing in the program asks whether an error is EACCES, EROFS, EMFILE, ENOSPC or EIO, but for the words of its message, so that those are tried on the first call of each kind. Afterwards the program runs without faults; then nothing is lost, doubled, half there or claimed and not received, and whatever was promised was durable at that moment, judged from the order of writes, links and syncs.',
    command: `npm run build && npx vitest run --config vitest.fault.config.ts test/fault/syscalls/${file}.fault.ts`,
    rows,
    skipped,
  });
}

const sorted = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
