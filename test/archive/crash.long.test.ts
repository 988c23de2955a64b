import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RgovError } from '../../src/model/errors.ts';
import { type ArchivedDay, archiveDay } from '../../src/store/archive/day.ts';
import { archivePath, readArchive } from '../../src/store/archive.ts';
import { type FileSystem, realFileSystem } from '../../src/store/files.ts';
import { readSeal, type SealLine, sealName } from '../../src/store/seals.ts';
import { Crash, crashingDisk } from '../support/crashing-disk.ts';
import { type Failure, failingDisk } from '../support/failing-disk.ts';
import { DAY, SealedState } from './sealed-state.ts';

/** One of each kind of file: every call of the program is made for at least one of them. */
const CHAINS = 1;
/** More calls than any run here makes. */
const BOUND = 400;

async function withState(work: (here: SealedState, lines: SealLine[]) => Promise<void>, chains = CHAINS): Promise<void> {
  const here = new SealedState();
  try {
    await work(here, here.addDay(DAY, chains));
  } finally {
    here.remove();
  }
}

/** Archives as others would read it now; what is damaged holds nothing. */
function inArchive(here: SealedState): ReadonlyMap<string, Uint8Array> | null {
  const read = readArchive(here.layout, DAY);
  return read.kind === 'ok' ? read.files : null;
}

/** Nothing is lost now, and the next run brings it to its end. */
async function expectRecovered(here: SealedState, lines: SealLine[], when: string): Promise<void> {
  const seal = readSeal(here.layout, DAY);
  expect(here.lost(lines, inArchive(here)), when).toEqual([]);
  expect(['archived', 'finished', 'already'], when).toContain((await archiveDay(here.layout, DAY, lines)).outcome);
  expectDone(here, lines, when);
  expect(readSeal(here.layout, DAY), when).toEqual(seal);
}

function expectDone(here: SealedState, lines: SealLine[], when = ''): void {
  expect([...(inArchive(here)?.keys() ?? [])], when).toEqual(lines.map(({ path }) => path));
  expect(here.lost(lines, inArchive(here)), when).toEqual([]);
  for (const stage of ['decisions', 'events', 'handoffs', 'queue', 'receipts'] as const)
    expect(existsSync(here.layout.day(stage, DAY)), when).toBe(false);
}

const leftovers = (here: SealedState): string[] => (existsSync(here.layout.temporaries) ? readdirSync(here.layout.temporaries) : []);

describe('a run that dies', () => {
  it('before any call that changes something loses nothing, and the next one finishes', async () => {
    let points = 0;
    for (let calls = 0; calls < BOUND; calls++) {
      let finished = false;
      await withState(async (here, lines) => {
        const io = crashingDisk(calls);
        const result = await archiveDay(here.layout, DAY, lines, { io }).catch((error: unknown) => error);
        finished = !io.dead();
        if (!finished) expect(String(result)).toMatch(/after the crash/);
        await expectRecovered(here, lines, `after ${calls} calls`);
      });
      points = calls;
      if (finished) break;
    }
    // Each of the files is removed by a call of its own.
    expect(points).toBeGreaterThan(CHAINS * 5 + 20);
    expect(points).toBeLessThan(BOUND - 1);
  });

  it('never while it removes what was cut short before', async () => {
    await withState(async (here, lines) => {
      for (let calls = 0; calls < BOUND; calls++) {
        const io = crashingDisk(calls);
        await archiveDay(here.layout, DAY, lines, { io }).catch((error: unknown) => {
          if (!io.dead() && !(error instanceof Crash)) throw error;
        });
        expect(here.lost(lines, inArchive(here)), `after ${calls} calls`).toEqual([]);
        if (!io.dead()) break;
      }
      expectDone(here, lines);
    });
  });
});

const FAILURES: [code: string, failure: Failure][] = [
  ['EIO', 'before'],
  ['EIO', 'after'],
  ['ENOSPC', 'before'],
  ['ENOSPC', 'short'],
  ['EACCES', 'before'],
  ['EROFS', 'before'],
  ['EMFILE', 'before'],
];

describe.each(FAILURES)('%s %s', (code, failure) => {
  it('of any one call loses nothing, leaves nothing open, and is said', { timeout: 120_000 }, async () => {
    const outcomes = new Set<string>();
    for (let n = 0; n < BOUND; n++) {
      let isOver = false;
      await withState(async (here, lines) => {
        const io = failingDisk(n, code, failure);
        let result: ArchivedDay | null = null;
        try {
          result = await archiveDay(here.layout, DAY, lines, { io });
          outcomes.add(result.outcome);
        } catch (error) {
          // A bare error of the system is told as a trouble of the state, too; see asRgovError.
          if (!(error instanceof RgovError)) expect(error).toMatchObject({ code });
          outcomes.add('failed');
        }
        const when = `${io.failed ?? 'nothing'}, call ${n}`;
        isOver = io.failed === undefined;
        if (isOver) expect(result?.outcome, when).toBe('archived');
        if (io.failed !== 'closeSync') expect([...io.openDescriptors], when).toEqual([]);
        expect(io.repeatedSyncs, when).toBe(0);
        if (io.failed !== 'unlinkSync') expect(leftovers(here), when).toEqual([]);
        await expectRecovered(here, lines, when);
      });
      if (isOver) break;
      expect(n).toBeLessThan(BOUND - 1);
    }
    expect(outcomes).toContain('archived');
    if (failure !== 'short') expect(outcomes).toContain('failed');
  });
});

/** Does what another run does, in the middle of this one: packs, and removes so many of the loose files. */
function interfering(here: SealedState, ready: string, lines: readonly SealLine[], at: number, removing: number): FileSystem & { isDone(): boolean } {
  let calls = 0;
  const interfere = (): void => {
    mkdirSync(here.layout.archives, { recursive: true });
    if (!existsSync(archivePath(here.layout, DAY))) linkSync(ready, archivePath(here.layout, DAY));
    for (const { path } of lines.slice(0, removing)) rmSync(here.at(path), { force: true });
    if (removing === lines.length) for (const { path } of lines) rmSync(dirname(here.at(path)), { recursive: true, force: true });
  };
  const wrapped = Object.fromEntries(
    Object.entries(realFileSystem as unknown as Record<string, (...args: unknown[]) => unknown>).map(([name, call]) => [
      name,
      (...args: unknown[]) => {
        if (calls++ === at) interfere();
        return call.apply(realFileSystem, args);
      },
    ]),
  );
  return { ...(wrapped as unknown as FileSystem), isDone: () => calls > at };
}

describe('another run at the same time', () => {
  it.each([0, 2, CHAINS * 5])('that packs and removes %i files before any call of this one does no harm', { timeout: 120_000 }, async (removing) => {
    const other = new SealedState();
    try {
      await archiveDay(other.layout, DAY, other.addDay(DAY, CHAINS));
      for (let at = 0; at < BOUND; at++) {
        let isOver = false;
        await withState(async (here, lines) => {
          const io = interfering(here, archivePath(other.layout, DAY), lines, at, removing);
          const { outcome, faults } = await archiveDay(here.layout, DAY, lines, { io });
          expect({ outcome, faults, at }).toEqual({ outcome: expect.stringMatching(/^(archived|finished|already)$/), faults: [], at });
          isOver = !io.isDone();
          await expectRecovered(here, lines, `call ${at}`);
        });
        if (isOver) return;
      }
      expect.fail('there was no end of calls');
    } finally {
      other.remove();
    }
  });

  it('and both go on side by side', async () => {
    await withState(async (here, lines) => {
      const results = await Promise.all(Array.from({ length: 4 }, () => archiveDay(here.layout, DAY, lines)));
      expect(results.flatMap(({ faults }) => faults)).toEqual([]);
      expect(results.reduce((sum, { removed }) => sum + removed.files, 0)).toBe(lines.length);
      expectDone(here, lines);
    }, 20);
  });
});

/** What was done to which path, in order; descriptors by the path that they were opened with. */
function recording(here: SealedState): { io: FileSystem; log: string[] } {
  const log: string[] = [];
  const open = new Map<number, string>();
  const short = (path: unknown): string =>
    String(path)
      .replace(`${here.root}/`, '')
      .replace(/^\.tmp\/.*/, '.tmp/*');
  const io: FileSystem = {
    ...realFileSystem,
    openSync: (path, flags, mode) => {
      const descriptor = realFileSystem.openSync(path, flags, mode);
      open.set(descriptor, short(path));
      return descriptor;
    },
    fsyncSync: (descriptor) => {
      log.push(`sync ${open.get(descriptor)}`);
      realFileSystem.fsyncSync(descriptor);
    },
    linkSync: (from, to) => {
      log.push(`link ${short(from)} ${short(to)}`);
      linkSync(from, to);
    },
    unlinkSync: (path) => {
      log.push(`unlink ${short(path)}`);
      unlinkSync(path);
    },
    rmdirSync: (path) => {
      log.push(`rmdir ${short(path)}`);
      realFileSystem.rmdirSync(path);
    },
  };
  return { io, log };
}

describe('before the first loose file is removed', () => {
  const ARCHIVE = `archives/${DAY}.tar.gz`;

  it('the archive, its name, and the name of the seal are on the disk', async () => {
    await withState(async (here, lines) => {
      const { io, log } = recording(here);
      await archiveDay(here.layout, DAY, lines, { io });
      const removal = log.findIndex((entry) => /^unlink \w+\/2026/.test(entry));
      const linked = log.indexOf(`link .tmp/* ${ARCHIVE}`);
      expect(log.indexOf('sync .tmp/*')).toBeGreaterThanOrEqual(0);
      expect(log.indexOf('sync .tmp/*')).toBeLessThan(linked);
      const between = log.slice(linked + 1, removal);
      for (const wanted of [`sync ${ARCHIVE}`, 'sync archives', 'sync seals']) expect(between).toContain(wanted);
      // Then the folders, each synced after the last change in it.
      for (const stage of ['decisions', 'events', 'handoffs', 'queue', 'receipts']) {
        expect(log.lastIndexOf(`sync ${stage}`)).toBeGreaterThan(log.indexOf(`rmdir ${stage}/${DAY}`));
        expect(log.indexOf(`rmdir ${stage}/${DAY}`)).toBeGreaterThan(removal);
      }
    });
  });

  it('also where another process made the archive appear', async () => {
    await withState(async (here, lines) => {
      const io = crashingDisk(8);
      await archiveDay(here.layout, DAY, lines, { io }).catch(() => {});
      await archiveDay(here.layout, DAY, lines, { io: { ...realFileSystem, unlinkSync: () => {}, rmdirSync: () => {} } });
      expect(existsSync(archivePath(here.layout, DAY))).toBe(true);
      const { io: watched, log } = recording(here);
      await archiveDay(here.layout, DAY, lines, { io: watched });
      const removal = log.findIndex((entry) => entry.startsWith('unlink'));
      for (const wanted of [`sync ${ARCHIVE}`, 'sync archives', 'sync seals']) expect(log.slice(0, removal)).toContain(wanted);
    });
  });

  it('what came back from the disk is compared with the seal', async () => {
    await withState(async (here, lines) => {
      // A disk that keeps other bytes than it was given.
      const io: FileSystem = {
        ...realFileSystem,
        linkSync: (from, to) => {
          linkSync(from, to);
          unlinkSync(to);
          writeFileSync(to, 'something else');
        },
      };
      const { outcome, faults } = await archiveDay(here.layout, DAY, lines, { io });
      expect(outcome).toBe('refused');
      expect(faults).toEqual([{ path: ARCHIVE, detail: expect.stringContaining('it is damaged') }]);
      expect(here.loose(DAY)).toHaveLength(lines.length);
    });
  });
});

it('an archive that appears at the last moment is never overwritten', async () => {
  await withState(async (here, lines) => {
    const io: FileSystem = {
      ...realFileSystem,
      linkSync: (from, to) => {
        writeFileSync(to, 'of somebody else');
        linkSync(from, to);
      },
      renameSync: (from, to) => {
        writeFileSync(to, 'of somebody else');
        realFileSystem.renameSync(from, to);
      },
    };
    expect(await archiveDay(here.layout, DAY, lines, { io })).toMatchObject({ outcome: 'refused', removed: { files: 0 } });
    expect(readFileSync(archivePath(here.layout, DAY), 'utf8')).toBe('of somebody else');
    expect(here.loose(DAY)).toHaveLength(lines.length);
    expect(leftovers(here)).toEqual([]);
  });
});

it('a seal that is not the one of that day changes nothing', async () => {
  await withState(async (here, lines) => {
    const wrong = lines.map((line, i) => (i === 3 ? { ...line, sha256: '0'.repeat(64) } : line));
    expect(await archiveDay(here.layout, DAY, wrong)).toMatchObject({ outcome: 'refused', archive: null, removed: { files: 0 } });
    expect(here.loose(DAY)).toHaveLength(lines.length);
    expect(existsSync(archivePath(here.layout, DAY))).toBe(false);
    expect(existsSync(here.at(sealName(DAY)))).toBe(true);
  });
});
