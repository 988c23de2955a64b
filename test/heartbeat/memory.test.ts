import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Heartbeat } from '../../src/model/catalog.ts';
import { heartbeatIsDue, type LastPing, nextPing_ms, pingIsDue, readLastPing, rememberPing } from '../../src/run/heartbeat/memory.ts';
import type { Layout } from '../../src/store/layout.ts';
import { catalogOf, NOON_MS, World } from '../support/world.ts';

const HOUR_MS = 3_600_000;
const heartbeat: Heartbeat = { kind: 'url', to: 'http://127.0.0.1:1/x', every_ms: HOUR_MS };
const last: LastPing = { at_ms: NOON_MS, healthy: true, arrived: true, catalog: 'a' };

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.remove());

describe('a ping is due', () => {
  it.each<[string, LastPing | null, number, boolean]>([
    ['if none is remembered', null, 0, true],
    ['not right after another', last, 1, false],
    ['not before its time', last, HOUR_MS - 5_000, false],
    ['at its time', last, HOUR_MS, true],
    ['a little before, because cron is not punctual to the second', last, HOUR_MS - 2_000, true],
    ['if the last one lies in the future, because the clock jumped back', last, -1, true],
    ['for a catalog that has never pinged', { ...last, catalog: 'b' }, 1, true],
    ['a minute after one that nobody heard', { ...last, arrived: false }, 60_000, true],
    ['not much earlier than that', { ...last, arrived: false }, 50_000, false],
  ])('%s', (_, remembered, later_ms, due) => {
    expect(pingIsDue(heartbeat, remembered, 'a', NOON_MS + later_ms)).toBe(due);
  });

  it('every minute for a cron job that starts now earlier, now later in its minute', () => {
    const every_ms = 60_000;
    expect(pingIsDue({ ...heartbeat, every_ms }, { ...last, at_ms: NOON_MS + 900 }, 'a', NOON_MS + every_ms + 100)).toBe(true);
    expect(pingIsDue({ ...heartbeat, every_ms: 1_000 }, last, 'a', NOON_MS + 900)).toBe(false);
  });
});

it('tells a process that sleeps when to wake up, without any allowance', () => {
  expect(nextPing_ms(heartbeat, last, 'a', NOON_MS + 1)).toBe(NOON_MS + HOUR_MS);
  expect(nextPing_ms(heartbeat, last, 'a', NOON_MS + 2 * HOUR_MS)).toBe(NOON_MS + 2 * HOUR_MS);
  expect(nextPing_ms(heartbeat, null, 'a', NOON_MS)).toBe(NOON_MS);
});

it('remembers, and takes nothing that it did not write for a memory', () => {
  rememberPing(world.layout, last);
  expect(readLastPing(world.layout)).toEqual(last);
  const file = join(world.layout.cache, 'heartbeat.json');
  for (const text of ['', '{', 'null', '[]', '{"format":1}', '{"format":1,"at_ms":"1","healthy":true,"arrived":true,"catalog":"a"}']) {
    writeFileSync(file, text);
    expect(readLastPing(world.layout), text).toBeNull();
  }
});

it('reads nothing at all where nobody listens', () => {
  const untouchable = new Proxy({} as Layout, {
    get() {
      throw new Error('a file was looked for');
    },
  });
  expect(heartbeatIsDue(catalogOf(), untouchable, NOON_MS)).toBe(false);
});

it('a folder in place of the memory means that a ping is due', () => {
  mkdirSync(join(world.layout.cache, 'heartbeat.json'), { recursive: true });
  expect(heartbeatIsDue(catalogOf({ heartbeat }), world.layout, NOON_MS)).toBe(true);
});
