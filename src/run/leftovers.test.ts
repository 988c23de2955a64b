import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sweepLeftovers } from './leftovers.ts';

const HOUR_S = 3_600;

it('sweeps what is old and whose process is gone, and nothing else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rgov-leftovers-'));
  const { pid: gone } = spawnSync('true');
  const now_s = Date.now() / 1000;
  const put = (name: string, age_s: number): void => {
    writeFileSync(join(folder, name), '');
    utimesSync(join(folder, name), now_s - age_s, now_s - age_s);
  };
  put(`${gone}-aaaa-1`, 2 * HOUR_S);
  put(`${gone}-aaaa-2`, HOUR_S / 2);
  put(`${process.pid}-bbbb-1`, 2 * HOUR_S);
  put('0123456789abcdef', 2 * HOUR_S);
  sweepLeftovers(folder, now_s * 1000);
  expect(readdirSync(folder).sort()).toEqual([`${gone}-aaaa-2`, `${process.pid}-bbbb-1`].sort());
  // By a clock that is ahead alone, nothing looks old.
  sweepLeftovers(folder, (now_s + 10 * HOUR_S) * 1000);
  expect(readdirSync(folder)).toHaveLength(2);
  rmSync(folder, { recursive: true });
});
