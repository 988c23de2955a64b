import { expect, it } from 'vitest';
import { asksForHuman, type StatusReport } from '../../src/run/status.ts';

type Lists = Pick<StatusReport, 'blocked' | 'pending' | 'overdue' | 'quarantined' | 'unreadable' | 'silent'>;

const NOTHING: Lists = { blocked: [], pending: [], overdue: [], quarantined: [], unreadable: [], silent: [] };

const asksFor = (lists: object): boolean =>
  asksForHuman({
    lastPass: { startedAt: '2026-11-22T12:00:00.000Z', finishedAt: '2026-11-22T12:00:00.000Z', nextDue: null },
    documents: { valid: true, problems: [], digest: '0'.repeat(64) },
    ...NOTHING,
    ...lists,
  } as unknown as StatusReport);

it('nothing at all needs nobody', () => expect(asksFor({})).toBe(false));

it.each(Object.keys(NOTHING))('each of these alone needs a human: %s', (list) => expect(asksFor({ [list]: [{}] })).toBe(true));
