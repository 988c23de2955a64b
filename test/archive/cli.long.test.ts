import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/model/hash.ts';
import { openArchive } from '../../src/store/archive.ts';
import type { SealLine } from '../../src/store/seals.ts';
import { Place } from '../support/cli.ts';
import { DAY, filesOf, SealedState } from './sealed-state.ts';

let place: Place;
let here: SealedState;
let lines: SealLine[];
beforeEach(async () => {
  place = await Place.initialised();
  here = new SealedState(place.ws('state'));
  lines = here.addDay(DAY, 20);
});
afterEach(() => place.remove());

const ARGS = ['archive', '--before', '2026-12-01'];

describe('rgov archive', () => {
  it('shows what it would do, does it, and has nothing left to do then', async () => {
    here.addDay('2026-11-21', 1);
    for (const day of ['2026-11-22', '2026-11-23']) here.write(filesOf(day, 1));
    const runs = [];
    for (const args of [[...ARGS, '--dry-run'], ARGS, ARGS, ['archive', '--before', '2020-01-01']]) {
      const ran = await place.rgov(args);
      expect(ran.code).toBe(0);
      runs.push(place.transcript(`rgov ${args.join(' ')}`, ran));
    }
    expect(runs.join('\n')).toMatchSnapshot();
    expect(readdirSync(here.layout.archives)).toEqual([`${DAY}.tar.gz`, '2026-11-21.tar.gz']);
    expect(here.loose('2026-11-22')).toHaveLength(5);
  });

  it('as JSON says which archive, with its hash', async () => {
    const { code, stdout } = await place.rgov([...ARGS, '--json']);
    const report = JSON.parse(stdout);
    const bytes = readFileSync(here.at(`archives/${DAY}.tar.gz`));
    expect({ code, report }).toEqual({
      code: 0,
      report: {
        before: '2026-12-01',
        state: place.ws('state'),
        dryRun: false,
        alreadyArchived: 0,
        days: [
          {
            day: DAY,
            outcome: 'archived',
            artifacts: 100,
            removed: { files: 100, bytes: expect.any(Number) },
            archive: { path: `archives/${DAY}.tar.gz`, bytes: bytes.length, sha256: sha256(bytes) },
            faults: [],
            failure: null,
          },
        ],
      },
    });
  });

  it('ends with 1 where something differs, and touches nothing of that day', async () => {
    writeFileSync(here.at(lines[0]?.path as string), '{}\n');
    here.addDay('2026-11-21', 1);
    const ran = await place.rgov(ARGS);
    expect(ran.code).toBe(1);
    expect(place.transcript(`rgov ${ARGS.join(' ')}`, ran)).toMatchSnapshot();
    expect(here.loose(DAY)).toHaveLength(100);
    expect(here.loose('2026-11-21')).toEqual([]);
  });

  it('ends with 4 where the disk does not do it, and goes on then', async () => {
    // Root may write anywhere; nobody can make a folder where a file stands.
    writeFileSync(here.layout.archives, '');
    const ran = await place.rgov(ARGS);
    expect(ran.code).toBe(4);
    expect(place.transcript(`rgov ${ARGS.join(' ')}`, ran)).toMatchSnapshot();
    rmSync(here.layout.archives);
    expect((await place.rgov(ARGS)).code).toBe(0);
  });

  it.each([[['archive']], [['archive', '--before', 'yesterday']], [['archive', '--before']]])('%j is wrong usage', async (args) => {
    const ran = await place.rgov(args);
    expect(ran.code).toBe(2);
    expect(place.transcript(`rgov ${args.join(' ')}`, ran)).toMatchSnapshot();
  });
});

const done = async (): Promise<void> => {
  expect((await place.rgov(ARGS)).code).toBe(0);
  expect([...(openArchive(here.layout, DAY)?.keys() ?? [])]).toEqual(lines.map(({ path }) => path));
  expect(here.lost(lines, openArchive(here.layout, DAY))).toEqual([]);
  expect(here.loose(DAY)).toEqual([]);
  expect(existsSync(here.layout.day('events', DAY))).toBe(false);
};

describe('processes', () => {
  it('several at once do each other no harm', async () => {
    const runs = await Promise.all(Array.from({ length: 4 }, () => place.rgov([...ARGS, '--json'])));
    expect(runs.map(({ code, stderr }) => ({ code, stderr }))).toEqual(runs.map(() => ({ code: 0, stderr: '' })));
    const removed = runs.flatMap(({ stdout }) => JSON.parse(stdout).days).reduce((sum, day) => sum + day.removed.files, 0);
    expect(removed).toBe(lines.length);
    await done();
  });

  it('one that is killed at any moment is finished by the next', { timeout: 240_000 }, async () => {
    const seen = new Set<string>();
    for (let round = 0; round < 6; round++) {
      rmSync(place.ws('state'), { recursive: true });
      lines = here.addDay(DAY, 100);
      // Not after a time, which means another moment on every machine: as soon as so many files are gone, or so much is there.
      const wanted = round * 80;
      await place.rgov(ARGS, {
        onStarted: (child) => {
          const look = (): void => {
            if (child.exitCode !== null || child.signalCode !== null) return;
            const isThere = existsSync(here.layout.archives);
            if (round === 0 ? isThere : isThere && lines.length - here.loose(DAY).length >= wanted) child.kill('SIGKILL');
            else setImmediate(look);
          };
          look();
        },
      });
      const left = here.loose(DAY).length;
      seen.add(left === lines.length ? 'all' : left === 0 ? 'none' : 'some');
      expect(here.lost(lines, existsSync(here.at(`archives/${DAY}.tar.gz`)) ? openArchive(here.layout, DAY) : null)).toEqual([]);
      await done();
    }
    expect([...seen], 'no run was killed while it removed files').toContain('some');
  });
});
