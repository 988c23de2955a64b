import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canonicalEvent } from '../../src/model/event.ts';
import { eventName, fileName } from '../../src/model/names.ts';
import { type Publication, publication } from '../../src/model/publication.ts';
import { type FileSystem, realFileSystem } from '../../src/store/files.ts';
import { type Published, Publisher } from '../../src/store/publish.ts';
import { type FailingDisk, type Failure, failingDisk } from '../support/failing-disk.ts';
import { failedRun, NOON_MS, World } from '../support/world.ts';

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.remove());

const FAILURES: readonly { code: string; failure: Failure }[] = [
  { code: 'EIO', failure: 'before' },
  { code: 'ENOSPC', failure: 'before' },
  { code: 'EIO', failure: 'after' },
  { code: 'EEXIST', failure: 'before' },
  { code: 'ENOENT', failure: 'before' },
  { code: 'ENOSPC', failure: 'short' },
];

/** Two days, so that there is more than one folder to sync. */
function items(count: number): Publication[] {
  return Array.from({ length: count }, (_, i) => {
    const event = canonicalEvent(failedRun(String(i), { time: `2026-11-${20 + (i % 2)}T12:00:00.000Z` }), NOON_MS);
    const name = eventName(event);
    return publication('event', 'events', name, fileName.event(name), event);
  });
}

type Publish = (io: FileSystem, wanted: readonly Publication[]) => Promise<Published[]>;

const one: Publish = async (io, wanted) => {
  const publisher = new Publisher(world.layout, 'nonce', io);
  return wanted.map((item) => publisher.publishOne(item));
};
const all: Publish = (io, wanted) =>
  new Publisher(world.layout, 'nonce', io).publishAll(wanted.map((item) => ({ chain: item.file, publication: item })));

const textOf = ({ link }: Publication): string | null => {
  const path = world.layout.at(link.path);
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
};

async function attempt(publish: Publish, io: FailingDisk, wanted: readonly Publication[]): Promise<Published[] | Error> {
  try {
    return await publish(io, wanted);
  } catch (error) {
    return error as Error;
  }
}

describe.each([
  { how: 'one by one', publish: one, wanted: items(2) },
  { how: 'behind one barrier', publish: all, wanted: items(5) },
])('$how', ({ publish, wanted }) => {
  it.each(FAILURES)('$code ($failure) at any call leaves whole files or none, and a retry mends it', async ({ code, failure }) => {
    for (let n = 0; ; n++) {
      const io = failingDisk(n, code, failure);
      const outcome = await attempt(publish, io, wanted);
      const where = `${io.failed} as call ${n} of: ${io.calls.join(' ')}`;
      for (const item of wanted) expect([null, item.bytes], where).toContain(textOf(item));
      if (Array.isArray(outcome)) {
        outcome.forEach((result, i) => {
          expect(['created', 'same'], where).toContain(result);
          expect(textOf(wanted[i] as Publication), where).toBe((wanted[i] as Publication).bytes);
        });
      } else if (io.failed !== 'closeSync')
        expect(outcome, where).toMatchObject({ kind: 'state_io', message: expect.stringContaining(world.layout.root) });
      expect(io.repeatedSyncs, where).toBe(0);
      if (io.failed !== 'closeSync') expect([...io.openDescriptors], `descriptors left open: ${where}`).toEqual([]);
      const retried = await publish(realFileSystem, wanted);
      for (const [i, result] of retried.entries()) {
        expect(['created', 'same'], where).toContain(result);
        expect(textOf(wanted[i] as Publication)).toBe((wanted[i] as Publication).bytes);
      }
      world.remove();
      world = new World();
      if (io.failed === undefined) {
        expect(n, 'calls that were tried').toBeGreaterThan(20);
        break;
      }
    }
  });
});

it('an error of any sync means that nothing is reported as created', async () => {
  const calm = failingDisk(-1, 'EIO', 'before');
  await all(calm, items(3));
  const syncs = calm.calls.flatMap((name, n) => (name.startsWith('fsync') ? [n] : []));
  expect(syncs.length).toBeGreaterThanOrEqual(5);
  for (const n of syncs) {
    world.remove();
    world = new World();
    expect(await attempt(all, failingDisk(n, 'EIO', 'before'), items(3)), `fsync as call ${n}`).toBeInstanceOf(Error);
  }
});

it('temporary files are gone in the end, also where others failed', async () => {
  const count = failingDisk(-1, 'EIO', 'before');
  await all(count, items(3));
  for (let n = 0; n < count.calls.length; n++) {
    if (['unlinkSync', 'closeSync'].includes(count.calls[n] as string)) continue;
    world.remove();
    world = new World();
    await attempt(all, failingDisk(n, 'EIO', 'before'), items(3));
    const left = existsSync(world.layout.temporaries) ? readdirSync(world.layout.temporaries) : [];
    expect(left, `${count.calls[n]} as call ${n}`).toEqual([]);
  }
});

it('a name that stands for other content is never overwritten, whatever fails on the way', async () => {
  const [item] = items(1) as [Publication];
  for (let n = 0; n < 40; n++) {
    world.write(item.link.path, 'the fact');
    await attempt(one, failingDisk(n, 'EIO', 'after'), [item]);
    expect(textOf(item)).toBe('the fact');
    expect(readdirSync(join(world.layout.root, 'events', item.day))).toEqual([item.file]);
    world.remove();
    world = new World();
  }
  world.write(item.link.path, '');
  writeFileSync(world.layout.at(item.link.path), 'the fact');
  expect(await one(realFileSystem, [item])).toEqual(['differs']);
});
