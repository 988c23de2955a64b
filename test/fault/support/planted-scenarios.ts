import { describe, expect, it } from 'vitest';
import { FaultyProgram, type Patch } from '../../bridge/faulty-program.ts';
import { keepFigures } from './figures.ts';

/** A fault that is put into a copy of the program, and the scenario that has to notice it. */
export interface PlantedFault {
  name: string;
  patches: Patch[];
  /** Says what is wrong with the program at this path. */
  scenario: (program: string) => Promise<readonly string[]>;
  /** What that scenario says of it. */
  caughtBy: string;
}

/** Copies of the program with one fault each, all of which must be noticed, side by side unless each needs the machine for itself; `whyNot` says why they cannot be tried here. */
export function describePlanted(
  { suite, of, path, inTurn = false }: { suite: string; of: string; path: string; inTurn?: boolean },
  faults: readonly PlantedFault[],
  whyNot: string | null,
): void {
  const caught = new Set<PlantedFault>();
  describe.skipIf(whyNot !== null)(`the suite on ${suite} fails where`, () => {
    (inTurn ? it : it.concurrent).each(faults)('$name', async (fault) => {
      const faulty = new FaultyProgram(fault.patches);
      try {
        expect(await fault.scenario(faulty.path)).toContain(fault.caughtBy);
        caught.add(fault);
      } finally {
        faulty.remove();
      }
    });

    it('and its page lists them', () => {
      keepFigures(`${suite}-planted`, {
        title: `Faults planted in ${of}`,
        about: `Copies of the program with one fault each; the suite on ${suite} has to say what is wrong with each of them.`,
        command: `npx vitest run --config vitest.fault.config.ts ${path}`,
        rows: faults.map((fault) => ({ what: fault.name, value: caught.has(fault) ? `caught: ${fault.caughtBy}` : 'not noticed' })),
        skipped: whyNot,
      });
    });
  });
}
