import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { secretResolver } from '../../src/run/host.ts';

let root: string;
let now_ms = 0;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rgov-secret-'));
  writeFileSync(join(root, 'runs'), '');
  now_ms = 0;
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const runs = (): number => readFileSync(join(root, 'runs'), 'utf8').length;
const resolver = () => secretResolver(root, process.env, () => now_ms);

it('a command is run once for many attempts, and anew after half a minute', () => {
  const resolve = resolver();
  const reference = { command: ['sh', '-c', 'printf x >> runs; wc -c < runs'] };
  for (let n = 0; n < 20; n++) expect(resolve(reference).reveal().trim()).toBe('1');
  now_ms += 30_001;
  expect(resolve(reference).reveal().trim()).toBe('2');
  expect(runs()).toBe(2);
});

it('a command that fails is not asked by each attempt either, and tells nothing of what it printed', () => {
  const resolve = resolver();
  const reference = { command: ['sh', '-c', 'printf x >> runs; echo canary-out; echo canary-err >&2; exit 3'] };
  for (let n = 0; n < 5; n++) {
    expect(() => resolve(reference)).toThrow('exit status 3');
    expect(() => resolve(reference)).not.toThrow('canary');
  }
  expect(runs()).toBe(1);
});

it('two commands are two secrets', () => {
  const resolve = resolver();
  const told = ['a', 'b', 'a'].map((word) => resolve({ command: ['echo', word] }).reveal());
  expect(told).toEqual(['a', 'b', 'a']);
});

it('a file may be a link to one, and is neither a pipe to be waited for nor one without end', () => {
  const resolve = resolver();
  writeFileSync(join(root, 'key'), 'canary\n');
  symlinkSync('key', join(root, 'mounted'));
  expect(resolve({ file: 'mounted' }).reveal()).toBe('canary');
  execFileSync('mkfifo', [join(root, 'pipe')]);
  expect(() => resolve({ file: 'pipe' })).toThrow('it is no regular file');
  expect(() => resolve({ file: '/dev/zero' })).toThrow('it is no regular file');
  writeFileSync(join(root, 'large'), 'x'.repeat(64 * 1024 + 1));
  expect(() => resolve({ file: 'large' })).toThrow('more than 65536 bytes');
});
