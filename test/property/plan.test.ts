import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { check } from '../../src/model/check.ts';
import { highest, reaches } from '../../src/model/evidence.ts';
import { plan } from '../../src/plan/index.ts';
import { settle } from '../../src/plan/settle.ts';
import { loadConditions } from '../../src/run/conditions.ts';
import { withWhatWasSaid } from '../../src/run/unproved.ts';
import { emptyIndex } from '../../src/store/day-index.ts';
import { Loader, loadRaised } from '../../src/store/load.ts';
import { survey } from '../../src/store/survey.ts';
import { catalogOf, failedRun, NOON_MS, notifyRule, owner, resolvedSender, World } from '../support/world.ts';
import { ceiling, drafts, level, outcome } from './arbitraries.ts';

const DEDUPING = catalogOf({
  rules: [
    notifyRule({ dedupe: { key: 'event.subject', window: '1h', window_ms: 3_600_000 } }),
    notifyRule({ id: 'any-report', when: 'event.type.startsWith("report.")' }),
  ],
});

describe('plan', () => {
  it('is deterministic and does not depend on the order of listings', async () => {
    const conditions = await loadConditions(true);
    await fc.assert(
      fc.asyncProperty(drafts, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), async (events, dice) => {
        const world = new World();
        try {
          const half = events.slice(0, events.length >> 1);
          await world.record(half);
          await world.pass({ catalog: DEDUPING, send: () => ({ kind: 'retryable', reason: 'later' }) });
          await world.record(events);
          const found = survey(world.layout, emptyIndex('d'.repeat(64)), 'd'.repeat(64), NOON_MS);
          const raised = loadRaised(world.layout, { from_ms: 0, to_ms: NOON_MS * 2, rules: new Set(['failure-reaches-operator']) }, []);
          const actor = { now_ms: NOON_MS + 60_000, owner: owner('1') };
          const loaded = new Loader(world.layout, found, () => 'dead').load(found, raised);
          const snapshot = { ...loaded, unproved: loaded.unproved.map((item) => withWhatWasSaid(world.layout, item, actor.now_ms)) };
          const first = plan(snapshot, DEDUPING, conditions, actor);
          const shuffle = <T>(items: T[]): T[] =>
            items
              .map((item) => [dice.next().value, item] as const)
              .sort((a, b) => a[0] - b[0])
              .map(([, item]) => item);
          const shuffled = {
            ...snapshot,
            undecided: shuffle(snapshot.undecided),
            halfDecided: shuffle(snapshot.halfDecided),
            open: shuffle(snapshot.open),
            unproved: shuffle(snapshot.unproved),
            raised: shuffle(snapshot.raised),
          };
          expect(plan(shuffled, DEDUPING, conditions, actor)).toEqual(first);
        } finally {
          world.remove();
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('settle', () => {
  it('never claims more than was proved, whatever the sender says', () => {
    fc.assert(
      fc.property(outcome, ceiling, level, fc.boolean(), fc.integer({ min: 1, max: 5 }), (result, senderCeiling, requires, idempotent, number) => {
        const sender = resolvedSender({ ceiling: senderCeiling as 'none', idempotent });
        const name = '20261122T115900.000Z_failure-reaches-operator_operator_0123456789ab';
        const link = { path: `queue/2026-11-22/${name}.json`, sha256: 'a'.repeat(64) };
        const notice = { link, name, day: '2026-11-22', document: { requires } as never };
        const item = settle(
          {
            notice,
            handoff: { path: `handoffs/2026-11-22/${name}.${number}.json`, sha256: 'b'.repeat(64) },
            number,
            tries: number,
            fallbacks: [],
            reopened: null,
            sender,
          },
          result,
          NOON_MS,
        );
        expect(check(item.kind, item.document)).toBeNull();
        if (item.kind === 'deferral') {
          // Again only where nothing went out, or where a repeated key is ignored.
          expect(result.kind === 'retryable' || (result.kind === 'ambiguous' && idempotent)).toBe(true);
          expect(number).toBeLessThan(sender.retry.attempts);
          return;
        }
        const best = highest(item.document.evidence.map((evidence) => evidence.level));
        expect(reaches(senderCeiling as 'none', best)).toBe(true);
        // Only a named human acknowledges, whatever a sender's binding may say.
        expect(best).not.toBe('acknowledged');
        if (item.document.status === 'acked') {
          expect(result.kind).toBe('proved');
          expect(reaches(best, requires as 'accepted')).toBe(true);
        }
        if (result.kind === 'custody') expect(item.document.status).toBe('pending_external_send');
      }),
      { numRuns: 2_000 },
    );
  });

  it('is checked again before it is written and after it is read', async () => {
    const world = new World();
    await world.record([failedRun('1')]);
    await world.pass();
    const [path] = world.paths().filter((file) => file.startsWith('receipts/'));
    const receipt = JSON.parse(world.files()[path as string] as string);
    expect(check('receipt', receipt)).toBeNull();
    expect(check('receipt', { ...receipt, evidence: [] })?.reason).toBe('schema_invalid');
    expect(check('receipt', { ...receipt, requires: 'delivered' })?.detail).toMatch(/^claims-proved/);
    expect(check('receipt', { ...receipt, evidence: [{ ...receipt.evidence[0], level: 'delivered' }] })?.detail).toMatch(/^below-ceiling/);
    expect(check('receipt', { ...receipt, surprise: 1 })?.reason).toBe('schema_invalid');
    world.remove();
  });
});
