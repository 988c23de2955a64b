import { expect, it } from 'vitest';
import type { OpenNotice } from '../model/snapshot.ts';
import { firstOpenWay, nextWay } from './ways.ts';

type Parts = Parameters<typeof nextWay>;

const notice = { document: { target: 'operator' } } as unknown as Parts[0];
const catalogWith = (fallback: string[], bound: string[]): Parts[2] =>
  ({
    targets: Object.fromEntries([['operator', { sender: 'hook', fallback }], ...bound.map((name) => [name, { sender: 'hook' }])]),
    senders: { hook: { retry: { attempts: 3 } } },
  }) as unknown as Parts[2];

/** The first attempt came back, and names the fallback that is next. */
const gaveUp = (fallback: string): NonNullable<OpenNotice['last']> =>
  ({ number: 1, handoff: null, claim: null, owner: 'dead', deferral: { document: { reason: 'rejected', fallback } } }) as unknown as NonNullable<
    OpenNotice['last']
  >;

it('a fallback that was taken out of the binding meanwhile gives way to those that are there', () => {
  const catalog = catalogWith(['chat'], ['chat']);
  expect(firstOpenWay(nextWay(notice, gaveUp('pager'), catalog), catalog)).toMatchObject({ target: 'chat', tries: 1, fallbacks: [] });
});

it('without any other, nothing is bound', () => {
  const catalog = catalogWith([], []);
  expect(firstOpenWay(nextWay(notice, gaveUp('pager'), catalog), catalog)).toEqual({ none: 'target_unbound', target: 'pager' });
});

it('after the last fallback there is none', () => {
  const catalog = catalogWith(['pager', 'chat'], ['pager', 'chat']);
  expect(nextWay(notice, gaveUp('chat'), catalog)).toMatchObject({ target: 'chat', fallbacks: [] });
  expect(nextWay(notice, gaveUp('pager'), catalog)).toMatchObject({ target: 'pager', fallbacks: ['chat'] });
});
