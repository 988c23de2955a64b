import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attemptFor, NOTICE, type TestContext, testContext, until } from '../../../test/support/loopback-attempt.ts';
import type { Outcome } from '../../model/outcome.ts';
import { create } from './index.ts';

let context: TestContext;
beforeEach(() => {
  context = testContext({ TOKEN: 'canary-4711-token' });
});
afterEach(() => context.remove());

const path = (name: string): string => join(context.workspace, name);
const run = (argv: string[], settings = {}, attempt = {}, signal = new AbortController().signal): Promise<Outcome> =>
  create({ argv, ...settings }, context).attempt(attemptFor(attempt), signal);
const sh = (script: string, settings = {}, attempt = {}): Promise<Outcome> => run(['/bin/sh', '-c', script], settings, attempt);

describe('what the child gets', () => {
  it('one JSON document on standard input', async () => {
    await sh('cat > input.json', {}, { number: 3, address: '@anna' });
    expect(JSON.parse(readFileSync(path('input.json'), 'utf8'))).toEqual({
      notice: NOTICE,
      attempt: 3,
      idempotencyKey: NOTICE.id,
      address: '@anna',
    });
  });

  it('an environment with nothing of ours that it does not need', async () => {
    process.env['RGOV_TEST_UNRELATED'] = 'none of its business';
    try {
      await sh('env > env.txt', { env: { PLAIN: 'x', SECRET: { env: 'TOKEN' } } }, { number: 2, address: '@anna' });
    } finally {
      delete process.env['RGOV_TEST_UNRELATED'];
    }
    const names = readFileSync(path('env.txt'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.slice(0, line.indexOf('=')));
    // The shell adds some of its own.
    const allowed = /^(PATH|HOME|LANG|LC_.*|TZ|TMPDIR|PLAIN|SECRET|RGOV_(NOTICE_ID|IDEMPOTENCY_KEY|ATTEMPT|TARGET|ADDRESS)|PWD|OLDPWD|SHLVL|_)$/;
    expect(names.filter((name) => !allowed.test(name))).toEqual([]);
    const text = readFileSync(path('env.txt'), 'utf8');
    for (const line of [
      `RGOV_NOTICE_ID=${NOTICE.id}`,
      `RGOV_IDEMPOTENCY_KEY=${NOTICE.id}`,
      'RGOV_ATTEMPT=2',
      'RGOV_TARGET=operator',
      'RGOV_ADDRESS=@anna',
    ]) {
      expect(text).toContain(`${line}\n`);
    }
    expect(text).toContain('SECRET=canary-4711-token\n');
  });

  it('its arguments as they are, without a shell', async () => {
    const outcome = await run(['/bin/sh', '-c', 'echo "$1" >&2; exit 1', 'sh', '$(touch owned); *']);
    expect(outcome).toEqual({ kind: 'rejected', reason: 'sh exited with 1: $(touch owned); *' });
    expect(existsSync(path('owned'))).toBe(false);
  });

  it('the folder that was asked for', async () => {
    mkdirSync(path('scripts'));
    await sh('pwd > here.txt', { cwd: 'scripts' });
    expect(readFileSync(path('scripts/here.txt'), 'utf8')).toContain('scripts');
  });

  it('the freedom not to read its input', async () => {
    const notice = { ...NOTICE, text: 'x'.repeat(16_384) };
    for (let round = 0; round < 5; round++) {
      expect(await run(['true'], {}, { notice })).toMatchObject({ kind: 'custody' });
    }
  });
});

describe('what its end means', () => {
  it.each<[string, Outcome]>([
    [`echo '{"evidence":"delivered","reference":"m-1","detail":"inbox"}'`, { kind: 'proved', level: 'delivered', reference: 'm-1', detail: 'inbox' }],
    [`echo '{"custody":"the pager"}'`, { kind: 'custody', who: 'the pager' }],
    ['echo sent', { kind: 'custody', who: 'command:sh', detail: 'it exited with 0 and proved nothing' }],
    [`echo '{"evidence":"accepted"}'`, { kind: 'custody', who: 'command:sh', detail: expect.stringContaining('without a reference') }],
    ['echo one >&2; echo two >&2; exit 75', { kind: 'retryable', reason: 'sh asks to try again later: two' }],
    [`echo '{"retryAfter":30}'; exit 75`, { kind: 'retryable', reason: 'sh asks to try again later', retryAfter_ms: 30_000 }],
    ['echo one >&2; echo two >&2; exit 3', { kind: 'rejected', reason: 'sh exited with 3: one / two' }],
    [`echo '{"evidence":"accepted","reference":"m-1"}'; exit 1`, { kind: 'rejected', reason: 'sh exited with 1' }],
    ['kill -9 $$', { kind: 'ambiguous', reason: 'sh was killed by SIGKILL; nobody knows what it had done' }],
  ])('%s', async (script, expected) => {
    expect(await sh(script)).toEqual(expected);
  });

  it('nothing went out where it could not be started', async () => {
    expect(await run(['./not-there'])).toEqual({ kind: 'retryable', reason: 'nothing was run: ./not-there could not be started (ENOENT)' });
    expect(await run([context.workspace])).toMatchObject({ kind: 'retryable', reason: expect.stringContaining('EACCES') });
    expect(await run(['true'], { cwd: 'gone' })).toMatchObject({ kind: 'retryable', reason: expect.stringContaining('the folder') });
    expect(await run(['true', 'x'.repeat(4_000_000)])).toMatchObject({ kind: 'retryable', reason: expect.stringContaining('E2BIG') });
    expect(await run(['true'], { env: { A: 'nul\0byte' } })).toMatchObject({ kind: 'retryable' });
  });

  it('keeps secrets and escapes out of what it reports', async () => {
    const outcome = await sh('printf "\\033[31mbad token $SECRET\\n" >&2; exit 1', { env: { SECRET: { env: 'TOKEN' } } });
    expect(outcome).toEqual({ kind: 'rejected', reason: 'sh exited with 1: \ufffd[31mbad token [secret]' });
  });

  it('reads the end of an output of any length', async () => {
    const outcome = await sh(`yes noise | head -c 6000000; echo '{"evidence":"accepted","reference":"m-1"}'`);
    expect(outcome).toMatchObject({ kind: 'proved', reference: 'm-1' });
    const failed = await sh('yes noise | head -c 6000000 >&2; echo the reason >&2; exit 1');
    expect(failed).toMatchObject({ kind: 'rejected', reason: expect.stringMatching(/the reason$/) });
  });

  it('does not wait for a grandchild that keeps the pipes open', async () => {
    expect(await sh(`sleep 600 & echo $! > grandchild; echo '{"evidence":"accepted","reference":"m-1"}'`)).toMatchObject({ kind: 'proved' });
    process.kill(Number(readFileSync(path('grandchild'), 'utf8')));
  });
});

describe('when it is cut off', () => {
  async function cutOff(script: string): Promise<Outcome> {
    rmSync(path('ready'), { force: true });
    const limit = new AbortController();
    const running = run(['/bin/sh', '-c', script], {}, {}, limit.signal);
    await until(() => existsSync(path('ready')), 'the child is running');
    limit.abort();
    const outcome = await running;
    return outcome;
  }
  const alive = (file: string): boolean => {
    try {
      process.kill(Number(readFileSync(path(file), 'utf8')), 0);
      // A zombie that nobody has reaped yet does nothing any more.
      return !readFileSync(`/proc/${readFileSync(path(file), 'utf8').trim()}/stat`, 'utf8').includes(') Z ');
    } catch {
      return false;
    }
  };

  it('is ended with everything that it started', async () => {
    expect(await cutOff('sleep 600 & echo $! > grandchild; touch ready; wait')).toMatchObject({ kind: 'ambiguous' });
    await until(() => !alive('grandchild'), 'the grandchild ends');
  });

  it('leaves nobody behind who did not listen', async () => {
    const script = `(trap '' TERM; touch ready; exec sleep 60) & echo $! > grandchild; wait`;
    expect(await cutOff(script)).toMatchObject({ kind: 'ambiguous' });
    await until(() => !alive('grandchild'), 'the grandchild ends');
  });

  it('is killed if it does not listen', async () => {
    const script = `trap '' TERM; (trap '' TERM; sleep 60) & echo $! > grandchild; touch ready; while :; do sleep 1; done`;
    expect(await cutOff(script)).toMatchObject({ kind: 'ambiguous' });
    await until(() => !alive('grandchild'), 'the grandchild ends');
  });

  it.runIf(process.platform === 'linux')('is not waited for where somebody outside its group keeps the pipes open', async () => {
    // setsid(1) leaves the process group: no signal of ours reaches it.
    expect(await cutOff('setsid sleep 60 & echo $! > stranger; touch ready; wait')).toMatchObject({ kind: 'ambiguous' });
    if (alive('stranger')) process.kill(Number(readFileSync(path('stranger'), 'utf8')));
  });

  it('is ambiguous even with a clean exit, unless it brings proof', async () => {
    expect(await cutOff(`trap 'exit 0' TERM; touch ready; while :; do sleep 0.1; done`)).toMatchObject({ kind: 'ambiguous' });
    const proof = `trap 'echo "{\\"evidence\\":\\"accepted\\",\\"reference\\":\\"m-1\\"}"; exit 0' TERM; touch ready; while :; do sleep 0.1; done`;
    expect(await cutOff(proof)).toMatchObject({ kind: 'proved', reference: 'm-1' });
  });
});
