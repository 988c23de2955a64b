import { describe, expect, it } from 'vitest';
import { catalogOf, failedRun, NOON_MS, notifyRule, owner } from '../../test/support/world.ts';
import type { Event, Stored } from '../model/artifacts.ts';
import { canonicalEvent } from '../model/event.ts';
import { sha256 } from '../model/hash.ts';
import { eventName, fileName } from '../model/names.ts';
import { asStored, publication } from '../model/publication.ts';
import { retryDelayMs } from './backoff.ts';
import { decide } from './decide.ts';
import { createHistory } from './features/dedupe/index.ts';
import { plan } from './index.ts';

const DEDUPING = catalogOf({ rules: [notifyRule({ dedupe: { key: 'event.subject', window: '1h', window_ms: 3_600_000 } })] });
const conditions = { evaluate: (expression: string, event: Event) => (expression === 'event.subject' ? event.subject : event.type === 'run.failed') };
const actor = { now_ms: NOON_MS, owner: owner('1') };

function stored(id: string, time: string): Stored<Event> {
  const document = canonicalEvent(failedRun(id, { time }), NOON_MS);
  const name = eventName(document);
  return asStored(name, publication('event', 'events', name, fileName.event(name), document));
}

describe('plan', () => {
  it('counts a notice that a decision requires as raised before it has reached the queue', () => {
    const first = stored('1', '2026-11-22T11:00:00.000Z');
    const decision = decide({ ...first, duplicateOf: null }, DEDUPING, conditions, createHistory([]));
    const missing = decision.document.notices.map(({ id }) => id);
    const halfDecided = [{ event: first, decision: asStored(first.name, decision), missing, settled: missing }];
    const second = { ...stored('2', '2026-11-22T11:30:00.000Z'), duplicateOf: null };
    const { steps } = plan({ undecided: [second], halfDecided, open: [], unproved: [], raised: [], bad: [] }, DEDUPING, conditions, actor);
    expect(steps.map(({ kind }) => kind)).toEqual(['enqueue', 'decide']);
  });

  it('links what it plans to the bytes that will be on disk', () => {
    const event = { ...stored('1', '2026-11-22T11:00:00.000Z'), duplicateOf: null };
    const { steps } = plan({ undecided: [event], halfDecided: [], open: [], unproved: [], raised: [], bad: [] }, DEDUPING, conditions, actor);
    const published = new Map(
      steps.flatMap((step) => ('publication' in step ? [[step.publication.link.path, step.publication.bytes] as const] : [])),
    );
    const handoff = steps.find((step) => step.kind === 'dispatch');
    const { notice } = handoff?.kind === 'dispatch' ? handoff.publication.document : { notice: { path: '', sha256: '' } };
    expect(sha256(published.get(notice.path) ?? '')).toBe(notice.sha256);
  });
});

describe('retryDelayMs', () => {
  const retry = { attempts: 5, initial_ms: 10_000, factor: 2, max_ms: 60_000 };

  it('grows, is capped, takes off at most half, and is the same for the same attempt', () => {
    for (let number = 1; number <= 10; number++) {
      const full_ms = Math.min(60_000, 10_000 * 2 ** (number - 1));
      const delay_ms = retryDelayMs({ notice: 'notice', number, tries: number }, retry);
      expect(delay_ms).toBeGreaterThanOrEqual(full_ms / 2);
      expect(delay_ms).toBeLessThanOrEqual(full_ms);
      expect(retryDelayMs({ notice: 'notice', number, tries: number }, retry)).toBe(delay_ms);
    }
    expect(new Set(Array.from({ length: 20 }, (_, i) => retryDelayMs({ notice: `notice ${i}`, number: 1, tries: 1 }, retry))).size).toBeGreaterThan(
      10,
    );
  });

  it('waits as long as the receiver asked, but no longer than a day', () => {
    expect(retryDelayMs({ notice: 'notice', number: 1, tries: 1 }, retry, 3_600_000)).toBe(3_600_000);
    expect(retryDelayMs({ notice: 'notice', number: 1, tries: 1 }, retry, Number.MAX_SAFE_INTEGER)).toBe(86_400_000);
  });
});
