import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Place, type Ran } from '../support/cli.ts';

let place: Place;
const blob = randomBytes(5 * 1024 * 1024);
beforeAll(async () => {
  place = await Place.initialised();
  writeFileSync(place.path('blob'), blob);
});
afterAll(() => place.remove());

const run = (command: readonly string[], options = {}) => place.rgov(['run', '-s', 'job/x', '--', ...command], options);

/** What is seen from outside must not depend on rgov being in between. */
async function sameAsDirect(command: readonly [string, ...string[]], options: { input?: string } = {}): Promise<Ran> {
  const [direct, wrapped] = await Promise.all([place.run(command[0], command.slice(1), options), run(command, options)]);
  expect({ code: wrapped.code, stderr: wrapped.stderr }).toEqual({ code: direct.code, stderr: direct.stderr });
  expect(wrapped.bytes.equals(direct.bytes)).toBe(true);
  return wrapped;
}

describe('output', () => {
  it('passes 5 MB of any bytes on both streams', async () => {
    const ran = await sameAsDirect(['sh', '-c', 'cat ../blob; head -c 100000 ../blob | base64 >&2']);
    expect(ran.bytes.equals(blob)).toBe(true);
  });

  it('passes input', async () => {
    expect((await sameAsDirect(['cat'], { input: 'one\ntwo' })).stdout).toBe('one\ntwo');
  });

  it('leaves the command real pipes: it may open /dev/stdout and /dev/stderr', async () => {
    const ran = await run(['sh', '-c', 'echo out > /dev/stdout; echo err > /dev/stderr']);
    expect(ran).toMatchObject({ code: 0, stdout: 'out\n', stderr: 'err\n' });
  });

  it('is complete for a reader that comes late', async () => {
    const late = async (size: number): Promise<void> => {
      const read = await place.sh(`rgov run -s job/x -- head -c ${size} ../blob | { sleep 3; sha256sum; }`);
      expect(read.stdout, `${size} bytes`).toBe((await place.sh(`head -c ${size} ../blob | sha256sum`)).stdout);
    };
    await Promise.all([1, 150_000, 260_000].map(late));
  });

  it('does not gather in memory before a slow reader', async () => {
    const ran = await place.sh(
      'rgov run -s job/x -- head -c 300000000 /dev/zero | { sleep 1; ps -o rss= -C node | sort -n | tail -1 >&2; cat >/dev/null; }',
    );
    const largest_kib = Number(ran.stderr.trim());
    // Other tests run beside this one, so the largest of all node processes bounds this one from above.
    expect(largest_kib).toBeLessThan(600_000);
  });

  it('ends the command as a broken pipe does when the reader goes away', async () => {
    const ran = await place.sh('{ rgov run -s job/gone -- sh -c "yes; echo yes ended with \\$? >&2; exit 7"; echo "rgov: $?" >&2; } | head -1');
    expect(ran).toMatchObject({ stdout: 'y\n', stderr: 'yes ended with 141\nrgov: 7\n' });
    expect(place.artifacts('events').at(-1)).toMatchObject({ type: 'run.failed', subject: 'job/gone', data: { exitCode: 7 } });
  });

  it('that cannot be written is said, and is no success', async () => {
    const ran = await place.sh('rgov run -s job/x -- echo lost > /dev/full');
    expect(ran.code).toBe(4);
    expect(ran.stderr).toMatch(/^rgov: standard output cannot be written: ENOSPC/);
  });

  it.each([
    ['silent', 'sleep 20 & echo done; exit 3'],
    ['talkative', '(while sleep 0.02; do echo again; done) & echo done; exit 3'],
    ['flooding', 'yes & echo done; exit 3'],
  ])('of a %s grandchild is not waited for', async (_kind, script) => {
    const started = Date.now();
    const ran = await place.sh(`{ rgov run -s job/x -- sh -c '${script}'; echo "rgov: $?" >&2; } | grep -m1 -c done`);
    expect(ran.stderr).toContain('rgov: 3');
    expect(Date.now() - started).toBeLessThan(10_000);
  });
});

describe('exit codes', () => {
  it('pass, whatever they are', async () => {
    const codes = [0, 1, 2, 3, 4, 63, 64, 70, 100, 125, 126, 127, 128, 130, 143, 254, 255];
    const seen = await Promise.all(codes.map((code) => run(['sh', '-c', `exit ${code}`])));
    expect(seen.map(({ code }) => code)).toEqual(codes);
  });

  it.each([
    ['KILL', 137],
    ['TERM', 143],
    ['SEGV', 139],
  ])('killed by SIG%s is %d', async (signal, code) => {
    expect((await run(['sh', '-c', `kill -${signal} $$`])).code).toBe(code);
    expect(place.artifacts('events').at(-1)).toMatchObject({ type: 'run.failed', data: { signal: `SIG${signal}`, exitCode: code } });
  });

  it.each([
    ['no-such-command', 127, 'no such command'],
    ['/nowhere/at/all', 127, 'no such command'],
    ['', 127, 'no such command'],
    ['/etc/passwd', 126, 'it is not executable'],
    ['/', 126, 'it is not executable'],
  ])('%j cannot be started: %d', async (command, code, why) => {
    const ran = await run([command]);
    expect(ran.code).toBe(code);
    expect(ran.stderr).toBe(`rgov: ${command || 'a command without a name'} could not be started: ${why}\n`);
    const summary = place.artifacts('events').at(-1)?.['data'].summary;
    expect(summary).toContain(`could not be started: ${why}`);
  });
});
