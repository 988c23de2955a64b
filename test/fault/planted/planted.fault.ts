import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepFigures } from '../support/figures.ts';
import { PLANTED } from './list.ts';
import { MutatedTree } from './mutated-tree.ts';

const LIMIT_MS = 1_200_000;

let tree: MutatedTree;
const caught = new Set<string>();

beforeAll(() => {
  tree = new MutatedTree();
});
afterAll(() => {
  tree?.remove();
  keepFigures('planted', {
    title: 'Planted faults of the whole program',
    about:
      'The sources are copied, one thing is made wrong in them, and the named test must fail; it passes in the copy where nothing is wrong. More are planted where a harness of its own must notice them: failing calls, kills, clocks, owners.',
    command: 'npx vitest run --config vitest.fault.config.ts test/fault/planted/planted.fault.ts',
    rows: PLANTED.map(({ id, wrong, caughtBy }) => ({
      what: wrong,
      value: caught.has(id) ? `caught by ${caughtBy.file}: ${caughtBy.test}` : 'not noticed',
    })),
    skipped: null,
  });
});

const exactly = (tests: readonly string[]): string => `^(${tests.map((test) => test.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})$`;

describe('every check', () => {
  it(
    'passes where nothing is wrong',
    async () => {
      const tests = [...new Set(PLANTED.map(({ caughtBy }) => caughtBy.test))];
      const { passed, failed, output } = await tree.check([], [...new Set(PLANTED.map(({ caughtBy }) => caughtBy.file))], exactly(tests));
      expect(failed).toEqual([]);
      expect(passed.sort(), output).toEqual(tests.sort());
    },
    LIMIT_MS,
  );

  it.each(PLANTED.map((planted) => [planted.wrong, planted] as const))(
    'fails where %s',
    async (_, { id, patches, caughtBy }) => {
      const { failed, output } = await tree.check(patches, [caughtBy.file], exactly([caughtBy.test]));
      expect(failed, output).toEqual([caughtBy.test]);
      caught.add(id);
    },
    LIMIT_MS,
  );

  it('is listed once, and there are enough of them', () => {
    expect(new Set(PLANTED.map(({ id }) => id)).size).toBe(PLANTED.length);
    expect(PLANTED.length).toBeGreaterThanOrEqual(20);
  });
});
