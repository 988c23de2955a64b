import type { PathLike } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { canonicalEvent } from '../../src/model/event.ts';
import { eventName, fileName } from '../../src/model/names.ts';
import { publication } from '../../src/model/publication.ts';
import { type FileSystem, readRegular, realFileSystem } from '../../src/store/files.ts';
import { Publisher } from '../../src/store/publish.ts';
import { failedRun, NOON_MS, World } from '../support/world.ts';

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.remove());

it('what another process has linked is made durable together with what follows from it, once', async () => {
  const event = canonicalEvent(failedRun('1'), NOON_MS);
  const name = eventName(event);
  const cause = publication('event', 'events', name, fileName.event(name), event);
  new Publisher(world.layout, 'another').publishOne(cause);
  const opened: string[] = [];
  const openSync = (path: PathLike, ...rest: [number, number?]): number => {
    opened.push(String(path));
    return realFileSystem.openSync(path, ...rest);
  };
  const publisher = new Publisher(world.layout, 'this', { ...realFileSystem, openSync } as FileSystem);
  const follow = (file: string) =>
    publisher.publishAll([{ chain: file, publication: publication('decision', 'decisions', name, file, { event: cause.link } as never) }]);
  await follow('one.json');
  expect(opened).toContain(world.layout.day('events', cause.day));
  opened.length = 0;
  await follow('two.json');
  expect(opened).not.toContain(world.layout.day('events', cause.day));
});

it('a file was read although it could not be closed', () => {
  world.write('file', 'all of it');
  const path = world.layout.at('file');
  const closeSync = (descriptor: number): void => {
    realFileSystem.closeSync(descriptor);
    throw Object.assign(new Error('EIO'), { code: 'EIO' });
  };
  const read = readRegular({ ...realFileSystem, closeSync }, path, 100);
  expect(read).toEqual({ kind: 'bytes', bytes: Buffer.from('all of it') });
});
