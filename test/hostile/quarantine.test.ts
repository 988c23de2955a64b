import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BadFile } from '../../src/model/snapshot.ts';
import { recordOne } from '../../src/run/record.ts';
import { createFile } from '../../src/store/create-file.ts';
import { type FileSystem, realFileSystem } from '../../src/store/files.ts';
import { Publisher } from '../../src/store/publish.ts';
import { quarantine } from '../../src/store/quarantine.ts';
import { isRoot, namesBelow, skipBecause } from '../support/hostile-things.ts';
import { SmallDisk } from '../support/small-disk.ts';
import { failedRun, NOON_MS, World } from '../support/world.ts';

const DAY = '2026-11-22';
const bad = (path: string): BadFile => ({ path, reason: 'name_invalid', detail: 'why not' });
let world: World;

beforeEach(() => {
  world = new World();
});
afterEach(() => world.remove());

describe('quarantine', () => {
  it('keeps every file of the same name, each with its own note', () => {
    for (const day of ['2026-11-20', '2026-11-21', DAY]) world.write(`events/${day}/x`, day);
    const moved = ['2026-11-20', '2026-11-21', DAY].map((day) => quarantine(world.layout, bad(`events/${day}/x`), NOON_MS) as string);
    world.write(`events/${DAY}/x`, 'again');
    moved.push(quarantine(world.layout, bad(`events/${DAY}/x`), NOON_MS) as string);
    expect(new Set(moved).size).toBe(4);
    expect(moved.map((path) => readFileSync(world.layout.at(path), 'utf8'))).toEqual(['2026-11-20', '2026-11-21', DAY, 'again']);
    for (const path of moved)
      expect(JSON.parse(readFileSync(world.layout.at(`${path}.reason.json`), 'utf8'))).toMatchObject({ kind: 'QuarantineNote', detail: 'why not' });
  });

  it('says nothing of a file that somebody else has moved', () => {
    mkdirSync(world.layout.day('events', DAY), { recursive: true });
    expect(quarantine(world.layout, bad(`events/${DAY}/x`), NOON_MS)).toBeNull();
    expect(existsSync(world.layout.quarantine)).toBe(false);
  });

  it('leaves no note behind for a file that cannot be moved, however often it is tried', () => {
    // What something is mounted on cannot be moved, not even by root.
    const disk = isRoot ? SmallDisk.mount(world.layout.at(`events/${DAY}/x`), 'size=1m') : null;
    if (disk === null) return skipBecause('only root can mount, and not in every container');
    try {
      for (let i = 0; i < 3; i++) expect(() => quarantine(world.layout, bad(`events/${DAY}/x`), NOON_MS)).toThrow(/EBUSY/);
      expect(namesBelow(world.layout.root).filter((path) => path.endsWith('.reason.json'))).toEqual([]);
    } finally {
      disk.unmount();
    }
  });

  it('writes notes without what moves a terminal', () => {
    world.write(`events/${DAY}/x\u001b[2J`, '');
    const path = quarantine(world.layout, { ...bad(`events/${DAY}/x\u001b[2J`), detail: '\u009b2J' }, NOON_MS) as string;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what no note may hold
    expect(readFileSync(world.layout.at(`${path}.reason.json`), 'utf8')).not.toMatch(/[\u001b\u009b]|\\u001b|\\u009b/);
  });
});

describe('creating a file outside of the stages', () => {
  /** A process that died between link() and unlink() leaves a second name of the finished file. */
  it('never writes into a finished file through what a dead process of the same number left', () => {
    const path = join(world.root, 'notices', 'n.txt');
    createFile(path, 'what was told', 0o644);
    linkSync(path, join(dirname(path), `.n.txt.${process.pid}`));
    expect(createFile(path, 'other', 0o644)).toBe('exists');
    expect(readFileSync(path, 'utf8')).toBe('what was told');
  });

  it('leaves nothing half done, whatever call fails', () => {
    for (const name of ['openSync', 'writeSync', 'fsyncSync', 'linkSync'] as const) {
      const path = join(world.root, 'notices', `${name}.txt`);
      mkdirSync(dirname(path), { recursive: true });
      const io: FileSystem = {
        ...realFileSystem,
        [name]: () => {
          throw Object.assign(new Error('injected'), { code: 'ENOSPC' });
        },
      };
      expect(() => createFile(path, 'text', 0o644, io)).toThrow('injected');
      expect(existsSync(path)).toBe(false);
      expect(readdirSync(dirname(path))).toEqual([]);
    }
  });
});

it('one event is not said to be recorded if its name stands for something else', () => {
  const publisher = new Publisher(world.layout, 'nonce');
  const { stored } = recordOne(publisher, failedRun('1'), NOON_MS);
  writeFileSync(world.layout.at(stored?.link.path as string), 'something else');
  expect(recordOne(publisher, failedRun('1'), NOON_MS)).toMatchObject({ result: { status: 'conflict' }, stored: null });
});
