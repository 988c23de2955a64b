import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sha256 } from '../../src/model/hash.ts';
import { catalogOf, failedRun, NOON_MS, notifyRule, resolvedSender, World } from '../support/world.ts';

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.remove());

describe('one failed run', () => {
  it('becomes exactly one chain of five artifacts, and a second pass changes nothing', async () => {
    await world.record([failedRun('1')]);
    const report = await world.pass();
    expect(report.receipts.map(({ status }) => status)).toEqual(['acked']);
    const files = world.files();
    expect(Object.keys(files).map((path) => path.split('/')[0])).toEqual(['decisions', 'events', 'handoffs', 'queue', 'receipts', 'subjects']);
    await world.pass();
    expect(world.files()).toEqual(files);
    expect(world.sent).toHaveLength(1);
  });

  it('is linked by path and SHA-256 from the receipt back to the event', async () => {
    await world.record([failedRun('1')]);
    await world.pass();
    const files = world.files();
    const links = Object.values(files).flatMap((text) => [...text.matchAll(/"path": "([^"]+)",\s+"sha256": "([0-9a-f]{64})"/g)]);
    expect(links.length).toBeGreaterThanOrEqual(7);
    for (const [, path, hash] of links) expect(sha256(files[path as string] as string), path).toBe(hash);
  });
});

describe('outcomes', () => {
  it('puts a retryable one off, tries again when due with the same key, and gives up after the last attempt', async () => {
    const send = () => ({ kind: 'retryable' as const, reason: 'HTTP 503' });
    await world.record([failedRun('1')]);
    let now_ms = NOON_MS;
    for (let attempt = 1; attempt <= 3; attempt++) {
      const report = await world.pass({ now_ms, send });
      expect(world.sent).toHaveLength(attempt);
      if (attempt === 3) expect(report.receipts).toMatchObject([{ status: 'blocked', reason: 'attempts_exhausted' }]);
      else {
        expect(report.nextDue_ms).toBeGreaterThan(now_ms);
        await world.pass({ now_ms: (report.nextDue_ms as number) - 1, send });
        expect(world.sent).toHaveLength(attempt);
        now_ms = report.nextDue_ms as number;
      }
    }
    expect(new Set(world.sent.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  });

  it('never repeats an ambiguous one unless the receiver ignores a repeated key', async () => {
    await world.record([failedRun('1')]);
    const report = await world.pass({ send: () => ({ kind: 'ambiguous', reason: 'reset after the request' }) });
    expect(report.receipts).toMatchObject([{ status: 'blocked', reason: 'indeterminate' }]);
    await world.pass({ now_ms: NOON_MS + 3_600_000 });
    expect(world.sent).toHaveLength(1);
  });

  it('lowers a claim above the ceiling instead of believing it', async () => {
    await world.record([failedRun('1')]);
    const catalog = catalogOf({ rules: [notifyRule({ requires: 'delivered' })] });
    const report = await world.pass({ catalog, send: () => ({ kind: 'proved', level: 'seen', reference: 'x' }) });
    expect(report.receipts).toMatchObject([{ status: 'pending_external_send', reason: 'evidence_insufficient' }]);
  });
});

describe('a process that died after its claim', () => {
  const hangs = () => new Promise<never>(() => {});
  const claimed = () => vi.waitFor(() => expect(world.sent).toHaveLength(1));

  it('leaves an indeterminate receipt, never a second send', async () => {
    await world.record([failedRun('1')]);
    void world.pass({ nonce: 'a', send: hangs });
    await claimed();
    const report = await world.pass({ nonce: 'b' });
    expect(report.receipts).toMatchObject([{ status: 'blocked', reason: 'indeterminate' }]);
    expect(world.sent).toHaveLength(1);
  });

  it('is waited for while it may be at work', async () => {
    await world.record([failedRun('1')]);
    let release: (() => void) | undefined;
    const first = world.pass({
      nonce: 'a',
      send: () => new Promise((resolve) => (release = () => resolve({ kind: 'proved', level: 'accepted', reference: 'late' }))),
    });
    await claimed();
    const second = await world.pass({ nonce: 'b', livenessOf: () => 'alive' });
    expect(second.waiting).toMatchObject([{ because: 'attempt_in_flight' }]);
    release?.();
    await first;
    expect(world.sent).toHaveLength(1);
    expect(world.paths().filter((path) => path.endsWith('.1.acked.json'))).toHaveLength(1);
  });

  it('is followed by a new attempt with the same key where the receiver ignores a repeated one', async () => {
    const catalog = catalogOf({ senders: { hook: resolvedSender({ idempotent: true }) } });
    await world.record([failedRun('1')]);
    void world.pass({ nonce: 'a', catalog, send: hangs });
    await claimed();
    const report = await world.pass({ nonce: 'b', catalog });
    expect(report.deferred).toBe(1);
    await world.pass({ nonce: 'b', catalog, now_ms: NOON_MS + 60_000 });
    expect(world.sent.map(({ number }) => number)).toEqual([1, 2]);
    expect(new Set(world.sent.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  });
});

describe('several passes at once', () => {
  it('send every notice exactly once, whoever wins', async () => {
    const drafts = Array.from({ length: 60 }, (_, i) => failedRun(String(i), { subject: `job/${i}` }));
    await world.record(drafts);
    const slow = async ({ idempotencyKey }: { idempotencyKey: string }) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return { kind: 'proved' as const, level: 'accepted' as const, reference: idempotencyKey };
    };
    await Promise.all(['a', 'b', 'c', 'd'].map((nonce) => world.pass({ nonce, livenessOf: () => 'alive', send: slow })));
    expect(world.sent).toHaveLength(60);
    expect(new Set(world.sent.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(60);
    expect(world.paths().filter((path) => path.endsWith('.1.acked.json'))).toHaveLength(60);
  });
});
