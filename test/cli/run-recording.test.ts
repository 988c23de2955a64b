import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OBEYED_BY_TERMINALS, Place } from '../support/cli.ts';

let place: Place;
beforeEach(async () => {
  place = await Place.initialised();
});
afterEach(() => place.remove());

const run = (...args: string[]) => place.rgov(['run', ...args]);

it('records the start and the outcome of one run, observed by rgov', async () => {
  await run('-s', 'job/x', '--run-id', 'r7', '--', 'sh', '-c', 'echo to out; echo to err >&2; exit 3');
  const [started, failed] = place.artifacts('events');
  expect(started).toMatchObject({
    type: 'run.started',
    subject: 'job/x',
    runid: 'r7',
    provenance: 'observed',
    severity: 'info',
    data: { command: 'sh' },
  });
  expect(failed).toMatchObject({
    type: 'run.failed',
    subject: 'job/x',
    runid: 'r7',
    provenance: 'observed',
    severity: 'error',
    data: { command: 'sh', exitCode: 3 },
  });
  expect(failed?.['data'].output.split('\n').sort()).toEqual(['to err', 'to out']);
  expect(failed?.['data'].durationMs).toBeGreaterThanOrEqual(0);
});

it('never records arguments: they may hold secrets', async () => {
  await run('-s', 'job/x', '--', 'sh', '-c', 'exit 1', '--password=hunter2');
  await run('-s', 'job/x', '--', '/nowhere/bin/x', 'hunter2');
  expect(JSON.stringify(place.state())).not.toContain('hunter2');
});

it('keeps the last lines of the output only, and nothing in them that a terminal would obey', async () => {
  await run('-s', 'job/x', '--', 'sh', '-c', `seq 1 100000; printf 'red \\033[31m \\302\\2332J \\342\\200\\256 \\377 end'; exit 1`);
  const { output, summary } = place.artifacts('events')[1]?.['data'] ?? {};
  expect(output.split('\n')).toHaveLength(20);
  expect(output).toMatch(/\n99999\n100000\nred /);
  expect(output).not.toMatch(OBEYED_BY_TERMINALS);
  expect(summary).not.toMatch(OBEYED_BY_TERMINALS);
  await run('-s', 'job/y', '--', 'sh', '-c', `head -c 3000000 /dev/zero | tr '\\0' x; exit 1`);
  expect(place.artifacts('events').at(-1)?.['data'].output.length).toBeLessThanOrEqual(4_000);
});

describe('where nothing can be recorded', () => {
  beforeEach(() => {
    rmSync(place.ws('state'), { recursive: true, force: true });
    // Root may write anywhere, so a mode would not do.
    writeFileSync(place.ws('state'), 'a file where the folder should be\n');
  });

  it('the command runs all the same: its own failure shows, and 4 stands for its success', async () => {
    const failed = await run('-s', 'job/x', '--', 'sh', '-c', 'echo still here; exit 9');
    expect(failed).toMatchObject({ code: 9, stdout: 'still here\n' });
    expect(place.transcript("rgov run -s job/x -- sh -c 'echo still here; exit 9'", failed)).toMatchSnapshot();
    expect((await run('-s', 'job/x', '--', 'true')).code).toBe(4);
  });

  it.each(['report started -s job/x', 'reconcile', 'plan', 'status', 'explain some-id', 'ack some-id --by alice'])(
    'rgov %s is exit code 4, with path and cause',
    async (command) => {
      const ran = await place.rgov(command.split(' '));
      expect(ran).toMatchObject({ code: 4, stdout: '' });
      expect(ran.stderr).toContain(place.ws('state'));
      expect(ran.stderr).toContain('ENOTDIR');
      const { error } = JSON.parse((await place.rgov([...command.split(' '), '--json'])).stdout);
      expect(error.kind).toBe('state_io');
    },
  );
});

it('a subject that cannot be recorded is said once, and the command runs', async () => {
  const ran = await run('-s', '../\u001b[2Jx', '--', 'echo', 'done');
  expect(ran).toMatchObject({ code: 2, stdout: 'done\n' });
  expect(ran.stderr.match(/subject/g)?.length).toBe(1);
  expect(ran.stderr).not.toMatch(OBEYED_BY_TERMINALS);
  expect((await run('-s', '../x', '--', 'sh', '-c', 'exit 9')).code).toBe(9);
  expect(existsSync(place.ws('state/events'))).toBe(false);
});

it('options of the command are its own', async () => {
  expect((await run('-s', 'job/x', 'echo', '--json', '-s', '--help')).stdout).toBe('--json -s --help\n');
  expect((await run('-s', 'job/x', '--', 'echo', '--', '--json')).stdout).toBe('-- --json\n');
});
