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

/** A publisher, and the paths that it opens. */
function listening(): { publisher: Publisher; opened: string[] } {
  const opened: string[] = [];
  const openSync = (path: PathLike, ...rest: [number, number?]): number => {
    opened.push(String(path));
    return realFileSystem.openSync(path, ...rest);
  };
  return { publisher: new Publisher(world.layout, 'this', { ...realFileSystem, openSync } as FileSystem), opened };
}

it('what another process has linked is made durable together with what follows from it, once', async () => {
  const event = canonicalEvent(failedRun('1'), NOON_MS);
  const name = eventName(event);
  const cause = publication('event', 'events', name, fileName.event(name), event);
  new Publisher(world.layout, 'another').publishOne(cause);
  const { publisher, opened } = listening();
  const follow = (file: string) =>
    publisher.publishAll([{ chain: file, publication: publication('decision', 'decisions', name, file, { event: cause.link } as never) }]);
  await follow('one.json');
  expect(opened).toContain(world.layout.day('events', cause.day));
  opened.length = 0;
  await follow('two.json');
  expect(opened).not.toContain(world.layout.day('events', cause.day));
});

it('the handoff that a receipt rests on, and all before it, is made durable with the receipt', async () => {
  const day = '2026-11-22';
  for (const stage of ['events', 'decisions', 'queue', 'handoffs']) world.write(`${stage}/${day}/other.json`, '{}');
  const { publisher, opened } = listening();
  const handoff = { path: `handoffs/${day}/other.json`, sha256: '0'.repeat(64) };
  const name = '20261122T115900.000Z_failure_operator_0123456789ab';
  const receipt = publication('receipt', 'receipts', name, fileName.receipt(name, 1, 'blocked'), { handoff } as never);
  await publisher.publishAll([{ chain: 'one', publication: receipt }]);
  for (const stage of ['events', 'decisions', 'queue', 'handoffs'] as const) expect(opened).toContain(world.layout.day(stage, day));
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
