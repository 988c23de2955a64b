import { appendFileSync, linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RaisedNotice } from '../model/snapshot.ts';
import { addRaised, forgetRaisedBefore, readRaised } from './raised-cache.ts';

const DAY = '2026-11-22';
const TIME = '2026-11-22T12:00:00.000Z';
const nameOf = (n: number): string => `20261122T120000.000Z_failed_operator_${String(n).padStart(12, '0')}`;
const notice = (n: number, key = `job/${n}`): [string, RaisedNotice] => [
  nameOf(n),
  { name: nameOf(n), pack: 'p', rule: 'failed', key, time_ms: Date.parse(TIME) },
];

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'rgov-raised-'));
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));
const file = (): string => join(cache, 'raised', DAY);

it('gives back what was added, whatever a key says, and which notices open no window', () => {
  const strange = '"quoted"\n["other"]\u2028\u{1F600}\\';
  addRaised(cache, DAY, new Map([notice(1), notice(2, strange)]));
  addRaised(cache, DAY, new Map([[nameOf(3), null]]));
  expect(readRaised(cache, DAY)).toEqual(new Map([notice(1), notice(2, strange), [nameOf(3), null]]));
});

it('knows nothing of another day', () => {
  addRaised(cache, DAY, new Map([notice(1)]));
  expect(readRaised(cache, '2026-11-23').size).toBe(0);
});

it('loses a line that was cut off, and none that comes after it', () => {
  addRaised(cache, DAY, new Map([notice(1), notice(2)]));
  truncateSync(file(), readFileSync(file()).length - 5);
  addRaised(cache, DAY, new Map([notice(3)]));
  expect([...readRaised(cache, DAY).keys()]).toEqual([nameOf(1), nameOf(3)]);
});

it.each([
  '{}',
  '[]',
  'null',
  '"text"',
  '["../../etc/passwd"]',
  '[1,2,3,4]',
  '["20261122T120000.000Z_failed_operator_000000000009",1,2,3]',
  '\u0000',
  '__proto__',
])('believes nothing that is no such line: %s', (line) => {
  addRaised(cache, DAY, new Map([notice(1)]));
  appendFileSync(file(), `${line}\n`);
  expect([...readRaised(cache, DAY).keys()]).toEqual([nameOf(1)]);
});

it('forgets days that nobody looks back on', () => {
  for (const day of ['2026-11-20', '2026-11-21', DAY]) addRaised(cache, day, new Map([notice(1)]));
  forgetRaisedBefore(cache, '2026-11-21');
  expect(readdirSync(join(cache, 'raised')).sort()).toEqual(['2026-11-21', DAY]);
});

it('changes nothing that is known by another name, too', () => {
  addRaised(cache, DAY, new Map([notice(1)]));
  const before = readFileSync(file(), 'utf8');
  linkSync(file(), join(cache, 'copy'));
  addRaised(cache, DAY, new Map([notice(2)]));
  expect(readFileSync(join(cache, 'copy'), 'utf8')).toBe(before);
  expect(readRaised(cache, DAY).has(nameOf(2))).toBe(true);
});
