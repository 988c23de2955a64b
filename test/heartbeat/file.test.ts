import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Heartbeat } from '../../src/model/catalog.ts';
import { passWithHeartbeat } from '../../src/run/heartbeat.ts';
import { emptyReport, type PassReport } from '../../src/run/pass-report.ts';
import { catalogOf, NOON_MS, World } from '../support/world.ts';

const EVERY_MS = 60_000;

let world: World;
let now_ms: number;
beforeEach(() => {
  world = new World();
  now_ms = NOON_MS;
});
afterEach(() => world.remove());

const path = (...parts: string[]): string => join(world.root, ...parts);
const mark = (): Record<string, unknown> => JSON.parse(readFileSync(path('run/alive.json'), 'utf8'));

function pass(failures: string[] = [], to: Heartbeat['to'] = 'run/alive.json'): Promise<PassReport> {
  const catalog = catalogOf({ heartbeat: { kind: 'file', to, every_ms: EVERY_MS } });
  return passWithHeartbeat({ root: world.root, layout: world.layout, catalog }, { clock: () => now_ms }, async () => ({
    ...emptyReport(now_ms),
    failures,
  }));
}

it('is written where the binding says, for everybody to read', async () => {
  expect(await pass()).toMatchObject({ heartbeat: { ok: true, detail: 'heartbeat written to run/alive.json' } });
  expect(mark()).toMatchObject({ at: '2026-11-22T12:00:00.000Z', ok: true, pid: process.pid });
  expect(statSync(path('run/alive.json')).mode & 0o777).toBe(0o644);
  expect(readdirSync(path('run'))).toEqual(['alive.json']);
});

it('is replaced as a whole at its next time, and not before', async () => {
  await pass();
  const first = statSync(path('run/alive.json')).ino;
  now_ms += EVERY_MS / 2;
  await pass();
  expect(mark()['at']).toBe('2026-11-22T12:00:00.000Z');
  now_ms += EVERY_MS / 2;
  await pass();
  expect(mark()['at']).toBe('2026-11-22T12:01:00.000Z');
  expect(statSync(path('run/alive.json')).ino).not.toBe(first);
});

it('keeps the time of the last healthy pass where one fails', async () => {
  await pass();
  const healthy = new Date('2026-11-22T12:00:00Z');
  utimesSync(path('run/alive.json'), healthy, healthy);
  now_ms += 1_000;
  await pass(['something']);
  expect(mark()).toMatchObject({ ok: false, at: '2026-11-22T12:00:01.000Z' });
  expect(statSync(path('run/alive.json')).mtime).toEqual(healthy);
  now_ms += EVERY_MS;
  await pass();
  expect(mark()['ok']).toBe(true);
  expect(statSync(path('run/alive.json')).mtime).not.toEqual(healthy);
});

it('is as old as can be where no pass was ever healthy', async () => {
  await pass(['something']);
  expect(statSync(path('run/alive.json')).mtimeMs).toBe(0);
});

it('a link in its place is replaced and not followed', async () => {
  mkdirSync(path('run'));
  writeFileSync(path('precious'), 'mine');
  symlinkSync(path('precious'), path('run/alive.json'));
  await pass();
  expect(readFileSync(path('precious'), 'utf8')).toBe('mine');
  expect(mark()['ok']).toBe(true);
});

it('a place that cannot be written fails nothing, and leaves nothing behind', async () => {
  mkdirSync(path('run/alive.json'), { recursive: true });
  expect(await pass()).toMatchObject({ failures: [], heartbeat: { ok: false, detail: 'heartbeat not written to run/alive.json: EISDIR' } });
  expect(readdirSync(path('run'))).toEqual(['alive.json']);
  now_ms += EVERY_MS;
  writeFileSync(path('file'), '');
  expect(await pass([], 'file/alive')).toMatchObject({ heartbeat: { ok: false, detail: expect.stringMatching(/: (ENOTDIR|EEXIST)$/) } });
  now_ms += EVERY_MS;
  expect(await pass([], { env: 'HOME' })).toMatchObject({ heartbeat: { ok: false } });
});
