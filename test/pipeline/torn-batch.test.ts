import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sha256 } from '../../src/model/hash.ts';
import { failedRun, NOON_MS, World } from '../support/world.ts';

const BATCH = ['events', 'decisions', 'queue', 'handoffs'] as const;
/** Whatever part of a batch a power cut may take, on a file system that keeps names in no order (all that POSIX promises). */
const TORN = Array.from({ length: 2 ** BATCH.length - 1 }, (_, i) => BATCH.filter((_stage, bit) => ((i + 1) & (1 << bit)) !== 0));

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.remove());

/** Links in all artifacts that name other bytes than those that are there. */
function brokenLinks(files: Record<string, string>): string[] {
  return Object.entries(files).flatMap(([path, text]) =>
    path.startsWith('quarantine/')
      ? []
      : [...text.matchAll(/"path": "([^"]+)",\s+"sha256": "([0-9a-f]{64})"/g)].flatMap(([, target = '', hash]) =>
          files[target] !== undefined && sha256(files[target]) === hash ? [] : `${path} -> ${target}`,
        ),
  );
}

/**
 * With its event, everything in between follows again byte for byte, as it does where somebody has removed it: then the claim counts,
 * and nobody can know what came of it.
 */
const isIndistinct = (lost: readonly string[]): boolean => !lost.includes('events') && !lost.includes('handoffs');

function expectOneEnd(files: Record<string, string>, lost: readonly string[]): void {
  expect(brokenLinks(files)).toEqual([]);
  expect(world.sent).toHaveLength(isIndistinct(lost) ? 0 : 1);
  const ends = Object.keys(files).flatMap((path) => /^receipts\/.*\.(\w+)\.json$/.exec(path)?.[1] ?? []);
  expect(ends).toEqual([isIndistinct(lost) ? 'blocked' : 'acked']);
  for (const stage of ['decisions', 'queue', 'handoffs']) expect(files, stage).toHaveProperty([`${stage}/2026-11-22/${nameIn(files, stage)}`]);
}

const nameIn = (files: Record<string, string>, stage: string): string =>
  Object.keys(files)
    .find((path) => path.startsWith(`${stage}/2026-11-22/`))
    ?.split('/')[2] ?? 'nothing';

/** A batch that was linked and not yet durable: nothing of it was sent. */
async function tornBatch(lost: readonly string[]): Promise<void> {
  await world.record([failedRun('1')]);
  void world.pass({ nonce: 'a', send: () => new Promise<never>(() => {}) });
  await vi.waitFor(() => expect(world.sent).toHaveLength(1), 20_000);
  // The pass lives on where a real one would be dead: the last that it writes is awaited, too.
  await vi.waitFor(() => expect(Object.keys(world.files()).filter((path) => path.startsWith('subjects/'))).toHaveLength(1), 20_000);
  world.sent.splice(0);
  for (const path of Object.keys(world.files()))
    if (['subjects', ...lost].some((stage) => path.startsWith(`${stage}/`))) rmSync(join(world.layout.root, path));
}

describe.each(TORN.map((lost) => ({ lost })))('a power cut that takes $lost', ({ lost }) => {
  it('leaves nothing that points to other bytes, and one end', async () => {
    await tornBatch(lost);
    // Its emitter was not told, and says it once more.
    await world.record([failedRun('1')], NOON_MS + 5_000);
    for (let n = 1; n <= 4; n++) await world.pass({ nonce: `b${n}`, now_ms: NOON_MS + n * 10_000, forget: n === 1 });
    expectOneEnd(world.files(), lost);
  });

  it('does so when the next pass is faster than its emitter', async () => {
    await tornBatch(lost);
    await world.pass({ nonce: 'b', now_ms: NOON_MS + 1_000, forget: true });
    await world.record([failedRun('1')], NOON_MS + 5_000);
    for (let n = 1; n <= 4; n++) await world.pass({ nonce: `c${n}`, now_ms: NOON_MS + n * 10_000 });
    expectOneEnd(world.files(), lost);
  });

  it('leaves nothing that nobody asked for, where nobody says it again', async () => {
    await tornBatch(lost);
    for (let n = 1; n <= 4; n++) await world.pass({ nonce: `b${n}`, now_ms: NOON_MS + n * 10_000, forget: n === 1 });
    const files = world.files();
    expect(brokenLinks(files)).toEqual([]);
    const kept = lost.includes('events') ? ['quarantine'] : ['decisions', 'events', 'handoffs', 'queue', 'receipts', 'subjects'];
    for (const path of Object.keys(files)) expect([...kept, 'quarantine']).toContain(path.split('/')[0]);
  });
});

it('what was whole is never taken for torn: nobody knows whether it was sent', async () => {
  await tornBatch([]);
  const report = await world.pass({ nonce: 'b' });
  expect(report.receipts).toMatchObject([{ status: 'blocked', reason: 'indeterminate' }]);
  expect(world.sent).toHaveLength(0);
});
