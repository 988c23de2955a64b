import fc from 'fast-check';
import type { EventDraft } from '../../src/model/event.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { NOON_MS } from '../support/world.ts';

/** A handful of subjects and types over two days, so that deduplication and midnight come into play. */
export const drafts: fc.Arbitrary<EventDraft[]> = fc
  .array(
    fc.record({
      type: fc.constantFrom('run.failed', 'run.failed', 'run.succeeded', 'report.undelivered'),
      subject: fc.constantFrom('job/a', 'job/b', 'agent/c'),
      minutes: fc.integer({ min: 0, max: 36 * 60 }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((items) =>
    items.map(({ type, subject, minutes }, i) => ({
      source: 'property',
      id: String(i),
      type,
      subject,
      time: new Date(NOON_MS - minutes * 60_000).toISOString(),
      provenance: 'observed' as const,
      data: { summary: `${type} ${i}` },
    })),
  );

export const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({
    kind: fc.constant('proved' as const),
    level: fc.constantFrom('accepted', 'relayed', 'delivered', 'seen', 'acknowledged'),
    reference: fc.constant('m-1'),
  }),
  fc.record({ kind: fc.constant('custody' as const), who: fc.string() }),
  fc.record({ kind: fc.constant('retryable' as const), reason: fc.string(), retryAfter_ms: fc.integer({ min: 0, max: 1e12 }) }),
  fc.record({ kind: fc.constant('ambiguous' as const), reason: fc.string() }),
  fc.record({ kind: fc.constant('rejected' as const), reason: fc.string({ maxLength: 5000 }) }),
);

export const ceiling = fc.constantFrom('none', 'accepted', 'relayed', 'delivered', 'seen', 'acknowledged');
export const level = fc.constantFrom('accepted', 'relayed', 'delivered', 'seen', 'acknowledged');
