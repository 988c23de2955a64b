import { linkSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STAGES } from '../../src/model/artifacts.ts';
import { archiveDay } from '../../src/store/archive/day.ts';
import { archivePath } from '../../src/store/archive.ts';
import { eventIsThere, listAllDays, listStage } from '../../src/store/history.ts';
import type { SealLine } from '../../src/store/seals.ts';
import { readStateFile } from '../../src/store/state-file.ts';
import { DAY, SealedState } from './sealed-state.ts';

let here: SealedState;
let other: SealedState;
let lines: SealLine[];
beforeEach(async () => {
  [here, other] = [new SealedState(), new SealedState()];
  lines = here.addDay(DAY, 3);
  await archiveDay(other.layout, DAY, other.addDay(DAY, 3));
});
afterEach(() => {
  here.remove();
  other.remove();
});

const seen = (): string[] => STAGES.flatMap((stage) => listStage(here.layout, stage, DAY).map((file) => `${stage}/${DAY}/${file}`)).sort();

describe('while a day is packed away', () => {
  it('every file of it is seen and read at every moment', () => {
    const paths = lines.map(({ path }) => path);
    const events = paths.filter((path) => path.startsWith('events/')).map((path) => path.slice(`events/${DAY}/`.length, -'.json'.length));
    const steps = [
      () => {},
      () => mkdirSync(here.layout.archives),
      () => linkSync(archivePath(other.layout, DAY), archivePath(here.layout, DAY)),
      ...paths.map((path) => () => rmSync(here.at(path))),
      ...STAGES.map((stage) => () => rmSync(here.layout.day(stage, DAY), { recursive: true })),
    ];
    for (const [i, step] of steps.entries()) {
      step();
      expect(seen(), `after step ${i}`).toEqual(paths);
      expect(listAllDays(here.layout)).toEqual([DAY]);
      for (const path of paths) expect(readStateFile(here.layout, path), `${path} after step ${i}`).toMatchObject({ kind: 'bytes' });
      for (const event of events) expect(eventIsThere(here.layout, event)).toBe(true);
    }
    expect(readStateFile(here.layout, `events/${DAY}/nothing.json`)).toEqual({ kind: 'missing' });
  });

  it('a damaged archive is a bad file for whoever asks for what is in it, and for nobody else', () => {
    mkdirSync(here.layout.archives);
    writeFileSync(archivePath(here.layout, DAY), 'damaged');
    const [path = ''] = lines.map((line) => line.path);
    expect(readStateFile(here.layout, path)).toMatchObject({ kind: 'bytes' });
    rmSync(here.at(path));
    // One that cannot be read stops nothing else.
    expect(readStateFile(here.layout, path)).toEqual({
      kind: 'bad',
      reason: 'not_a_regular_file',
      detail: expect.stringContaining('is damaged: it does not begin'),
    });
    expect(readStateFile(here.layout, lines[1]?.path as string)).toMatchObject({ kind: 'bytes' });
    expect(readdirSync(here.layout.archives)).toEqual([`${DAY}.tar.gz`]);
  });
});
