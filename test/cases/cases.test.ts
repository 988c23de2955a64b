import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Event } from '../../src/model/artifacts.ts';
import { dayOf } from '../../src/model/names.ts';
import type { PassReport } from '../../src/run/pass-report.ts';
import { filesBelow } from '../support/files.ts';
import { accept, failedRun, World } from '../support/world.ts';
import { type Case, type CasePass, catalogOfCase, inWords, wordOf } from './case.ts';

const here = dirname(fileURLToPath(import.meta.url));
const names = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe('golden cases', () => {
  it('are discovered', () => expect(names.length).toBeGreaterThanOrEqual(50));

  it.each(names)('%s', async (name) => {
    const folder = join(here, name);
    const given = parse(readFileSync(join(folder, 'case.yaml'), 'utf8')) as Case;
    const world = new World();
    try {
      world.copyFrom(join(folder, 'given'));
      let policy = given.policy;
      for (const [i, pass] of given.passes.entries()) {
        policy = pass.policy ?? policy;
        await runOne(world, given, { ...pass, ...(policy ? { policy } : {}) }, i);
      }
      compare(join(folder, 'expected'), world);
      const settled = world.files();
      const last = given.passes.at(-1) as CasePass;
      const before = world.sent.length;
      const catalog = await catalogOfCase(given, policy, world);
      await world.pass({ catalog, now_ms: Date.parse(last.at), nonce: 'again', livenessOf: () => last.owners ?? 'alive' });
      expect(world.sent.length, 'messages of one more pass').toBe(before);
      expect(world.files(), 'one more pass writes nothing').toEqual(settled);
      await world.pass({ catalog, now_ms: Date.parse(last.at), nonce: 'forgot', livenessOf: () => last.owners ?? 'alive', forget: true });
      expect(world.files(), 'one more pass that remembers nothing writes nothing').toEqual(settled);
    } finally {
      world.remove();
    }
  });
});

async function runOne(world: World, given: Case, pass: CasePass, i: number): Promise<void> {
  const now_ms = Date.parse(pass.at);
  const which = `pass ${i + 1}, at ${pass.at}`;
  await prepare(world, pass, now_ms);
  if (pass.away) return;
  const before = world.sent.length;
  const outcomes = [...(pass.outcomes ?? [])];
  const hangs = outcomes.includes('hangs');
  const running = world.pass({
    now_ms,
    catalog: await catalogOfCase(given, pass.policy, world),
    nonce: pass.owner ?? String(i),
    livenessOf: () => pass.owners ?? 'dead',
    send: (attempt) => {
      const next = outcomes.shift() ?? pass.answers?.[attempt.notice.target];
      return next === 'hangs' ? new Promise(() => {}) : (next ?? accept(attempt));
    },
  });
  if (!hangs) checkReport(world, await running, given, pass, which);
  else await expect.poll(() => world.sent.length, { timeout: 20_000 }).toBe(before + (pass.sends ?? 0));
  const told = world.sent.slice(before).map(({ notice }) => notice.target);
  if (pass.sends !== undefined) expect(told.length, `messages of ${which}`).toBe(pass.sends);
  else expect(told.sort(), `told in ${which}`).toEqual([...(pass.tells ?? [])].sort());
}

/** What happens outside before a pass. */
async function prepare(world: World, { events = [], hears = [], outputs = {}, acknowledges = [] }: CasePass, now_ms: number): Promise<void> {
  await world.record([...events.map(({ id, ...parts }) => failedRun(id, parts)), ...hears.map(wordOf)], now_ms);
  for (const [path, text] of Object.entries(outputs)) {
    const [, bytes, at] = /^(\d+) bytes at (\S+)$/.exec(text) ?? [];
    if (!bytes || !at) throw new Error(`"${text}" is not like "120 bytes at 2026-11-23T03:05Z"`);
    world.output(path, Number(bytes), Date.parse(at));
  }
  for (const target of acknowledges) world.acknowledge(target, 'anna', now_ms);
}

function checkReport(world: World, report: PassReport, given: Case, pass: CasePass, which: string): void {
  const isTimeline = given.policy !== undefined || given.profile !== undefined;
  if (pass.raises !== undefined || isTimeline) {
    const raised = report.raised.map(({ event }) => inWords(JSON.parse(world.files()[`events/${dayOf(event)}/${event}.json`] as string) as Event));
    expect(raised.sort(byTime), `raised in ${which}`).toEqual([...(pass.raises ?? [])].sort(byTime));
  }
  expect(report.failures, `failures of ${which}`).toEqual([]);
  if (pass.nextDueIn !== undefined)
    expect(report.nextDue_ms === null ? null : report.nextDue_ms - report.started_ms, `next step after ${which}`).toBe(pass.nextDueIn);
  if (pass.nextDue !== undefined) expect(report.nextDue_ms, `next step after ${which}`).toBe(pass.nextDue === null ? null : Date.parse(pass.nextDue));
}

function byTime(a: string, b: string): number {
  const [timeA = '', timeB = ''] = [a, b].map((text) => / at (\S+)/.exec(text)?.[1]);
  return timeA < timeB || (timeA === timeB && a < b) ? -1 : 1;
}

/** UPDATE_GOLDEN=1 writes what came out; read the difference before you commit it. */
function compare(expected: string, world: World): void {
  if (process.env['UPDATE_GOLDEN'] === '1') {
    rmSync(expected, { recursive: true, force: true });
    mkdirSync(expected, { recursive: true });
    for (const [path, text] of Object.entries(world.files())) {
      mkdirSync(dirname(join(expected, path)), { recursive: true });
      writeFileSync(join(expected, path), text);
    }
  }
  if (!existsSync(expected)) throw new Error(`there is no ${expected}; make it with UPDATE_GOLDEN=1 and read it`);
  expect(world.files()).toEqual(filesBelow(expected));
}
