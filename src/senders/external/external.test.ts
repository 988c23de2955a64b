import { expect, it } from 'vitest';
import { attemptFor, testContext } from '../../../test/support/loopback-attempt.ts';
import validate from './generated/config.js';
import { create } from './index.ts';

const context = testContext();

it.each([['in time', new AbortController().signal] as const, ['after the time limit', AbortSignal.abort()] as const])(
  'names the system that has the notice, %s',
  async (_, signal) => {
    expect(await create({ system: 'pager-desk' }, context).attempt(attemptFor(), signal)).toEqual({
      kind: 'custody',
      who: 'external:pager-desk',
      detail: 'the handoff is the delivery; that system confirms what came of it',
    });
    context.remove();
  },
);

it('wants a word that a receipt can show', () => {
  for (const system of ['pager-desk', 'SOC.2', 'x']) expect(validate({ system })).toBe(true);
  for (const system of ['', ' ', '-x', 'two words', '\u001b[31m', 'x'.repeat(64), 7]) expect(validate({ system })).toBe(false);
  expect(validate({})).toBe(false);
});
