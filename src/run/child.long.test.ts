import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Child, runChild } from './child.ts';

const folder = mkdtempSync(join(tmpdir(), 'rgov-child-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const parts = { cwd: folder, env: { PATH: process.env['PATH'] ?? '' }, limit_ms: 60_000 };
const sh = (script: string, limit_ms = parts.limit_ms) => runChild(['sh', '-c', script], { ...parts, limit_ms }, 'input');

it('says how a program ended, and what it printed', async () => {
  expect(await sh('cat; echo sorry >&2; exit 3')).toEqual({
    how: 'exited',
    status: 3,
    complaint: 'sorry\n',
    output: Buffer.from('input'),
    isTooLong: false,
  });
  expect(await sh('kill -9 $$')).toMatchObject({ how: 'killed', by: 'SIGKILL' });
  expect(await runChild(['no-such-program-here'], parts)).toMatchObject({ how: 'not_started', code: 'ENOENT' });
});

it('passes on the environment that it is given and nothing else', async () => {
  const { output } = await sh('env | grep -v ^_= | grep -v ^PWD= | grep -v ^SHLVL= | grep -v ^OLDPWD=');
  expect(output.toString()).toBe(`PATH=${parts.env.PATH}\n`);
});

it('gives no terminal', async () => {
  expect(await sh('exec 3</dev/tty')).not.toMatchObject({ status: 0 });
});

it('ends what takes too long, with everything that it has started', async () => {
  const result = await sh('trap "" TERM; sleep 1000 & echo $! > pid; wait; wait', 500);
  expect(result.how).toBe('timed_out');
  const pid = readFileSync(join(folder, 'pid'), 'utf8').trim();
  // Dead, or a zombie whose parent has not looked yet.
  await expect.poll(() => stateOf(pid), { timeout: 20_000 }).not.toMatch(/[RSD]/);
});

it('lets a program that is asked to end clean up', async () => {
  await sh('trap "touch cleaned; exit 1" TERM; while :; do sleep 0.1; done', 5_000);
  expect(readFileSync(join(folder, 'cleaned'), 'utf8')).toBe('');
});

it('waits for no grandchild that keeps its output open', async () => {
  const result = await sh('sleep 1000 & echo $! > kept; echo out; echo sorry >&2');
  expect(result).toMatchObject({ how: 'exited', status: 0, complaint: 'sorry\n', output: Buffer.from('out\n') });
  process.kill(Number(readFileSync(join(folder, 'kept'), 'utf8')), 'SIGKILL');
});

it('reads piece by piece', async () => {
  const child = new Child(['sh', '-c', 'printf "one\\ntwo"; sleep 0.2; printf "\\nthree12345end"'], parts);
  child.close();
  expect(String(await child.output.until(10))).toBe('one');
  expect(String(await child.output.until(10))).toBe('two');
  expect(String(await child.output.exactly(10))).toBe('three12345');
  expect(await child.output.exactly(10)).toBe(null);
  expect(await child.output.until(10)).toBe(null);
});

function stateOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) (.).*$/s, '$1');
  } catch {
    return 'gone';
  }
}
