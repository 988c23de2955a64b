import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sha256 } from '../../src/model/hash.ts';
import { realFileSystem } from '../../src/store/files.ts';
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
  const claimed = () => vi.waitFor(() => expect(world.sent).toHaveLength(1), 20_000);

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
    expect(second.waiting).toMatchObject([{ because: 'attempt_in_flight' }, { because: 'proof_awaited' }]);
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

describe('one thing that fails', () => {
  const drafts = Array.from({ length: 400 }, (_, i) => failedRun(String(i), { subject: `job/${i}` }));

  it('in one batch loses no outcome of another: what was sent is written down', async () => {
    await world.record(drafts);
    let decisions = 0;
    // The disk refuses one decision, in the third batch, while the first two are under way.
    const io = {
      ...realFileSystem,
      writeSync: ((descriptor: number, bytes: Buffer, offset: number, length: number) => {
        if (bytes.includes('"kind": "Decision"') && ++decisions === 300) throw Object.assign(new Error('EMFILE'), { code: 'EMFILE' });
        return realFileSystem.writeSync(descriptor, bytes, offset, length);
      }) as typeof realFileSystem.writeSync,
    };
    await expect(world.pass({ io })).rejects.toThrow(/EMFILE|too many open files/);
    const sent = world.sent.length;
    expect(sent).toBeGreaterThan(0);
    expect(world.paths().filter((path) => path.endsWith('.acked.json'))).toHaveLength(sent);
    await world.pass({ nonce: '2' });
    expect(world.sent).toHaveLength(400);
    expect(world.paths().filter((path) => path.endsWith('.acked.json'))).toHaveLength(400);
  });

  it('to be read is reported, and holds up nobody else', async () => {
    await world.record([failedRun('1'), failedRun('2', { subject: 'job/other' })]);
    const [first] = world.paths().filter((path) => path.startsWith('events/'));
    // Root may read everything, so the disk has to refuse.
    const io = {
      ...realFileSystem,
      openSync: ((...args: Parameters<typeof realFileSystem.openSync>) => {
        if (String(args[0]).endsWith(first as string)) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
        return realFileSystem.openSync(...args);
      }) as typeof realFileSystem.openSync,
    };
    const report = await world.pass({ io });
    expect(report.failures).toEqual([expect.stringContaining('permission denied (EACCES)')]);
    expect(report.receipts).toHaveLength(1);
    // The day is looked at again although nothing in it has changed.
    expect((await world.pass({ now_ms: NOON_MS + 86_400_000, nonce: '2' })).receipts).toHaveLength(1);
  });
});

describe('what is gone', () => {
  it('from the queue is noticed although the cache remembers its decision', async () => {
    await world.record([failedRun('1')]);
    await world.pass({ now_ms: Date.now() + 60_000 });
    for (const stage of ['queue', 'handoffs', 'receipts']) rmSync(join(world.layout.root, stage), { recursive: true });
    await world.pass({ now_ms: Date.now() + 120_000, nonce: '2' });
    expect(world.sent).toHaveLength(2);
  });

  it('of a decision does not make its notice withhold itself', async () => {
    const catalog = catalogOf({ rules: [notifyRule({ dedupe: { key: 'event.subject', window: '1h', window_ms: 3_600_000 } })] });
    await world.record([failedRun('1')]);
    await world.pass({ catalog });
    const files = world.files();
    rmSync(join(world.layout.root, 'decisions'), { recursive: true });
    await world.pass({ catalog, nonce: '2' });
    expect(world.files()).toEqual(files);
  });
});

describe('a deadline', () => {
  it('stays within four-digit years', async () => {
    await world.record([failedRun('1', { time: '9999-12-31T23:59:00.000Z' })], Date.parse('9999-12-31T23:59:30.000Z'));
    const report = await world.pass({ now_ms: Date.parse('9999-12-31T23:59:31.000Z') });
    expect(report.receipts).toHaveLength(1);
    expect(report.quarantined).toEqual([]);
  });
});

describe('what would not be valid', () => {
  it('is not written, is reported, and holds up nobody else', async () => {
    const catalog = catalogOf({ rules: [notifyRule({ when: 'event.subject == "job/odd"', pack: 'Not A Name' })] });
    await world.record([failedRun('1', { subject: 'job/odd' })]);
    const report = await world.pass({ catalog });
    expect(report.failures).toEqual([expect.stringContaining('would not be valid')]);
    expect(world.paths().filter((path) => !path.startsWith('events/') && !path.startsWith('subjects/'))).toEqual([]);
    expect(world.sent).toEqual([]);
    expect((await world.pass({ nonce: '2' })).receipts).toHaveLength(1);
  });
});
