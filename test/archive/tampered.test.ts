import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { archiveDays, firstDayKept } from '../../src/run/archive.ts';
import { archivePath } from '../../src/store/archive.ts';
import { type SealLine, sealName } from '../../src/store/seals.ts';
import { DAY, filesOf, SealedState } from './sealed-state.ts';

let here: SealedState;
let lines: SealLine[];
beforeEach(() => {
  here = new SealedState();
  lines = here.addDay(DAY, 3);
});
afterEach(() => here.remove());

const BEFORE = '2026-12-01';
const only = async (dryRun = false) => {
  const report = await archiveDays(here.layout, BEFORE, { dryRun });
  expect(report.days).toHaveLength(1);
  return report.days[0] as (typeof report.days)[0];
};
const first = (): string => lines[0]?.path as string;

const TAMPERED: [string, () => void, path: () => string, detail: string][] = [
  [
    'changed',
    () => writeFileSync(here.at(first()), '{}\n'),
    first,
    'it has the hash ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356; its seal says ',
  ],
  ['missing', () => rmSync(here.at(first())), first, 'it is missing'],
  ['empty', () => writeFileSync(here.at(first()), ''), first, 'it has the hash e3b0c44298fc1c149afbf4c8996fb924'],
  [
    'a link to a file with the same bytes',
    () => {
      renameSync(here.at(first()), here.at('elsewhere'));
      symlinkSync(here.at('elsewhere'), here.at(first()));
    },
    first,
    'a symbolic link stands here',
  ],
  [
    'a folder',
    () => {
      rmSync(here.at(first()));
      mkdirSync(here.at(first()));
    },
    first,
    'a folder stands here',
  ],
  ['larger than any artifact', () => writeFileSync(here.at(first()), Buffer.alloc(1024 * 1024 + 1)), first, 'at most 1048576 are read'],
  ['added', () => writeFileSync(here.at(`events/${DAY}/extra.json`), ''), () => `events/${DAY}/extra.json`, 'no line of the seal names it'],
  ['added as a folder', () => mkdirSync(here.at(`queue/${DAY}/more`)), () => `queue/${DAY}/more`, 'no line of the seal names it'],
];

describe.each(TAMPERED)('a loose file that is %s', (_what, tamper, path, detail) => {
  it('keeps its whole day as it is', async () => {
    tamper();
    const before = here.loose(DAY);
    for (const dryRun of [true, false]) {
      const day = await only(dryRun);
      expect(day).toMatchObject({ outcome: 'refused', removed: { files: 0 }, archive: null });
      expect(day.faults).toEqual([{ path: path(), detail: expect.stringContaining(detail) }]);
    }
    expect(here.loose(DAY)).toEqual(before);
    expect(existsSync(here.layout.archives)).toBe(false);
  });

  it('is never removed beside an archive, and the others are', async () => {
    const good = new SealedState();
    try {
      good.addDay(DAY, 3);
      await archiveDays(good.layout, BEFORE);
      tamper();
      const before = here.loose(DAY);
      mkdirSync(here.layout.archives);
      writeFileSync(archivePath(here.layout, DAY), readFileSync(archivePath(good.layout, DAY)));
      const rehearsed = await only(true);
      expect(here.loose(DAY)).toEqual(before);
      const day = await only();
      expect({ ...day, archive: null }).toEqual({ ...rehearsed, archive: null });
      const isGone = !before.includes(path());
      expect(day.outcome).toBe(isGone ? 'finished' : 'incomplete');
      expect(day.faults).toEqual(isGone ? [] : [{ path: path(), detail: expect.stringContaining(detail) }]);
      expect(here.loose(DAY)).toEqual(isGone ? [] : [path()]);
      // And again, until somebody puts it right.
      if (!isGone) expect((await only()).faults).toEqual(day.faults);
    } finally {
      good.remove();
    }
  });
});

describe('folders', () => {
  it('a link in the place of a folder is not followed', async () => {
    const elsewhere = here.at('moved');
    renameSync(here.layout.day('events', DAY), elsewhere);
    symlinkSync(elsewhere, here.layout.day('events', DAY));
    expect((await only()).faults).toContainEqual({ path: `events/${DAY}`, detail: 'a symbolic link stands here instead of a folder' });
    expect(readdirSync(elsewhere)).toHaveLength(3);
    // Nor where there is an archive already.
    const good = new SealedState();
    good.addDay(DAY, 3);
    await archiveDays(good.layout, BEFORE);
    mkdirSync(here.layout.archives);
    writeFileSync(archivePath(here.layout, DAY), readFileSync(archivePath(good.layout, DAY)));
    good.remove();
    expect(await only()).toMatchObject({ outcome: 'incomplete', removed: { files: 0 } });
    expect(readdirSync(elsewhere)).toHaveLength(3);
  });

  it('empty ones that were left over are removed; hidden files stay, and their folder', async () => {
    await archiveDays(here.layout, BEFORE);
    for (const stage of ['events', 'queue'] as const) mkdirSync(here.layout.day(stage, DAY));
    writeFileSync(here.at(`queue/${DAY}/.nfs0001`), '');
    expect(await only()).toMatchObject({ outcome: 'finished', removed: { files: 0 }, faults: [] });
    expect([existsSync(here.layout.day('events', DAY)), readdirSync(here.layout.day('queue', DAY))]).toEqual([false, ['.nfs0001']]);
    expect(await archiveDays(here.layout, BEFORE)).toMatchObject({ days: [], alreadyArchived: 1 });
  });
});

describe('seals', () => {
  const outcomes = async () => Object.fromEntries((await archiveDays(here.layout, BEFORE)).days.map(({ day, outcome }) => [day, outcome]));
  const faults = async () => (await archiveDays(here.layout, BEFORE)).days.flatMap((day) => day.faults);

  it('only days before the date that are sealed are packed', async () => {
    here.addDay('2026-11-21', 1);
    here.write(filesOf('2026-11-22', 1));
    const report = await archiveDays(here.layout, '2026-11-21');
    expect(report.days.map(({ day, outcome }) => [day, outcome])).toEqual([[DAY, 'archived']]);
    expect(here.loose('2026-11-21')).toHaveLength(5);
    expect(await outcomes()).toEqual({ '2026-11-21': 'archived', '2026-11-22': 'not_sealed' });
    expect(here.loose('2026-11-22')).toHaveLength(5);
  });

  it('a day that has lost its seal is refused', async () => {
    here.addDay('2026-11-21', 1);
    rmSync(here.at(sealName(DAY)));
    expect(await outcomes()).toEqual({ [DAY]: 'refused', '2026-11-21': 'archived' });
    expect(await faults()).toEqual([{ path: sealName(DAY), detail: 'it is missing, and seals/2026-11-21.sha256 is there' }]);
  });

  it('a seal that the next one does not know is not believed', async () => {
    here.addDay('2026-11-21', 1);
    writeFileSync(here.at(first()), '{}\n');
    here.seal(DAY);
    expect(await outcomes()).toEqual({ [DAY]: 'refused', '2026-11-21': 'archived' });
    expect(await faults()).toEqual([{ path: sealName(DAY), detail: 'it has other bytes than seals/2026-11-21.sha256 says' }]);
    expect(here.loose(DAY)).toHaveLength(15);
  });

  it.each([
    ['is cut off', (text: string) => text.slice(0, -3), 'its last line is cut off'],
    ['names files of another day', (text: string) => text.replaceAll(`/${DAY}/`, '/2026-11-19/'), 'which belongs to another day'],
    ['leads elsewhere', (text: string) => text.replace(/ {2}decisions\/.*/, '  /etc/passwd'), 'which is no artifact'],
  ])('a seal that %s is not believed', async (_what, change, detail) => {
    writeFileSync(here.at(sealName(DAY)), change(readFileSync(here.at(sealName(DAY)), 'utf8')));
    expect(await faults()).toEqual([{ path: sealName(DAY), detail: expect.stringContaining(detail) }]);
    expect(here.loose(DAY)).toHaveLength(15);
  });

  it('a sealed day of which nothing is left is told', async () => {
    rmSync(here.at('events'), { recursive: true });
    for (const stage of ['decisions', 'handoffs', 'queue', 'receipts']) rmSync(here.at(stage), { recursive: true });
    expect(await outcomes()).toEqual({ [DAY]: 'refused' });
    expect((await faults()).map(({ detail }) => detail)).toEqual(Array.from({ length: 15 }, () => 'it is missing'));
  });
});

describe('a rehearsal', () => {
  it('tells the size and the hash that come true, and writes nothing', async () => {
    const before = readdirSync(here.root, { recursive: true }).sort();
    const rehearsed = await only(true);
    expect(readdirSync(here.root, { recursive: true }).sort()).toEqual(before);
    expect(await only()).toEqual(rehearsed);
    expect(readFileSync(archivePath(here.layout, DAY)).length).toBe(rehearsed.archive?.bytes);
  });
});

it('one day that the disk refuses does not keep the others', async () => {
  here.addDay('2026-11-21', 1);
  mkdirSync(here.layout.archives);
  mkdirSync(archivePath(here.layout, DAY));
  const report = await archiveDays(here.layout, BEFORE);
  expect(report.days.map(({ outcome }) => outcome)).toEqual(['refused', 'archived']);
});

it('progress ends where it said it would', async () => {
  here.addDay('2026-11-21', 4);
  const told: [number, number][] = [];
  await archiveDays(here.layout, BEFORE, { onProgress: (done, total) => told.push([done, total]) });
  expect(told.at(-1)?.[0]).toBeGreaterThanOrEqual(35);
  expect(told.every(([done, total], i) => done <= total && done >= (told[i - 1]?.[0] ?? 0))).toBe(true);
});

describe('--before', () => {
  const NOW = Date.parse('2026-11-23T00:30:00Z');
  it.each([
    ['2026-11-01', '2026-11-01'],
    ['1d', '2026-11-22'],
    ['90d', '2026-08-25'],
    ['1h', '2026-11-22'],
    ['2024-02-29', '2024-02-29'],
  ])('%s is %s', (text, day) => expect(firstDayKept(text, NOW)).toBe(day));

  it.each(['2026-02-30', '2026-13-01', 'yesterday', '90', '', '2026-11-1', '-1d', '99999d', '2026-11-01T00:00:00Z', '\u001b[2J'])(
    '%j is refused',
    (text) => {
      expect(() => firstDayKept(text, NOW)).toThrow('is neither a day nor a length of time');
    },
  );
});
