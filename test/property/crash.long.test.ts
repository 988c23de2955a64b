import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { check } from '../../src/model/check.ts';
import type { EventDraft } from '../../src/model/event.ts';
import { sha256 } from '../../src/model/hash.ts';
import { Crash, crashingDisk } from '../support/crashing-disk.ts';
import { catalogOf, NOON_MS, notifyRule, resolvedSender, World } from '../support/world.ts';
import { drafts } from './arbitraries.ts';

const catalogWith = (idempotent: boolean) =>
  catalogOf({
    rules: [
      notifyRule({ dedupe: { key: 'event.subject', window: '1h', window_ms: 3_600_000 } }),
      notifyRule({ id: 'any-report', when: 'event.type.startsWith("report.")' }),
    ],
    senders: { hook: resolvedSender({ idempotent, retry: { attempts: 10, initial_ms: 1_000, factor: 1, max_ms: 1_000 } }) },
  });

/** Runs that die after a number of changing calls, then one that lives, then time for what was put off. */
async function crashAndRecover(world: World, events: EventDraft[], crashes: number[], idempotent: boolean): Promise<void> {
  const catalog = catalogWith(idempotent);
  await world.record(events);
  for (const [i, calls] of crashes.entries()) {
    const io = crashingDisk(calls);
    try {
      await world.pass({ catalog, io, nonce: `dead${i}`, now_ms: NOON_MS + i });
    } catch (error) {
      if (!io.dead()) throw error;
      expect(String(error)).toMatch(/after the crash|Crash/);
    }
  }
  for (let n = 1; n <= 12; n++) await world.pass({ catalog, nonce: `alive${n}`, now_ms: NOON_MS + n * 10_000 });
}

const outcomes = (world: World): Record<string, string> =>
  Object.fromEntries(
    world.paths().flatMap((path) => [...path.matchAll(/^receipts\/[^/]+\/(.+)\.\d+\.(\w+)\.json$/g)].map(([, notice, status]) => [notice, status])),
  );

/** What follows from the events alone; that an attempt bounced follows from the crash. */
const derived = (world: World): Record<string, string> =>
  Object.fromEntries(
    Object.entries(world.files()).filter(([path]) => /^(events|decisions|queue)\//.test(path) && !path.includes('_notice.bounced_')),
  );

const crashPoints = fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 1, maxLength: 3 });

describe('a crash after any write', () => {
  it.each([true, false])('ends in the same state and never repeats an attempt (receiver ignores repeated keys: %s)', async (idempotent) => {
    await fc.assert(
      fc.asyncProperty(drafts, crashPoints, async (events, crashes) => {
        const calm = new World();
        const world = new World();
        try {
          await crashAndRecover(calm, events, [], idempotent);
          await crashAndRecover(world, events, crashes, idempotent);
          expect(derived(world)).toEqual(derived(calm));
          const attempts = world.sent.map(({ idempotencyKey, number }) => `${idempotencyKey} ${number}`);
          expect(new Set(attempts).size, 'no attempt is made twice').toBe(attempts.length);
          const keys = world.sent.map(({ idempotencyKey }) => idempotencyKey);
          const expected = outcomes(calm);
          const actual = outcomes(world);
          expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
          for (const [notice, status] of Object.entries(actual)) {
            const sent = keys.filter((key) => key === notice).length;
            if (idempotent) expect(status).toBe(expected[notice]);
            else expect(sent, 'without idempotency at most one message').toBeLessThanOrEqual(1);
            if (status === 'acked') expect(sent).toBeGreaterThanOrEqual(1);
            else expect(status).toBe('blocked');
          }
          checkLinks(world.files());
        } finally {
          calm.remove();
          world.remove();
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is noticed by this very test: a disk that forgets to die is none', () => {
    const io = crashingDisk(0);
    expect(() => io.mkdirSync('/nowhere')).toThrow(Crash);
    expect(io.dead()).toBe(true);
    expect(() => io.readdirSync('/')).toThrow(Crash);
  });
});

function checkLinks(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    if (path.startsWith('subjects/') || path.startsWith('quarantine/')) continue;
    for (const [, target, hash] of text.matchAll(/"path": "([^"]+)",\s+"sha256": "([0-9a-f]{64})"/g)) {
      expect(sha256(files[target as string] ?? ''), `${path} -> ${target}`).toBe(hash);
    }
    if (path.startsWith('receipts/')) expect(check('receipt', JSON.parse(text))).toBeNull();
  }
}
