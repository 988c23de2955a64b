import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Place } from '../support/cli.ts';

const COMMANDS = ['init', 'validate', 'catalog', 'send-test', 'report', 'run', 'ingest', 'plan', 'reconcile', 'status', 'explain', 'ack'];

let place: Place;
beforeAll(async () => {
  place = await Place.initialised();
});
afterAll(() => place.remove());

describe.concurrent('help', () => {
  it('names every command, the exit codes and an example', async ({ expect }) => {
    const ran = await place.rgov(['--help']);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatchSnapshot();
    for (const command of COMMANDS) expect(ran.stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
  });

  it.for(COMMANDS)('of %s has an example and is the same in all three ways', async (command, { expect }) => {
    const ran = await place.rgov([command, '--help']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toMatch(new RegExp(`\nExamples:\n {2}\\$ .*rgov ${command}\\b`));
    expect(ran.stdout).toMatchSnapshot();
    expect((await place.rgov([command, '-h'])).stdout).toBe(ran.stdout);
    expect((await place.rgov(['help', command])).stdout).toBe(ran.stdout);
  });

  it('without a command is on standard error, with exit code 2', async () => {
    const [ran, help] = [await place.rgov([]), await place.rgov(['--help'])];
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr.trim()).toBe(help.stdout.trim());
  });
});

it('the version is that of the package', async () => {
  const { version } = JSON.parse((await place.run('cat', [`${import.meta.dirname}/../../package.json`])).stdout);
  expect((await place.rgov(['--version'])).stdout).toBe(`${version}\n`);
});

const WRONG: [string, string[]][] = [
  ['an unknown command', ['statsu']],
  ['an unknown command like no other', ['xyzzy']],
  ['an unknown option', ['status', '--jsno']],
  ['an argument too many', ['status', 'now']],
  ['a missing argument', ['explain']],
  ['a missing command to run', ['run', '--subject', 'job/x']],
  ['a missing required option', ['report', 'started']],
  ['a kind of activation that is not said', ['activate']],
  ['an option without its value', ['report', 'started', '--subject']],
  ['a value that is none of the choices', ['report', 'failed', '-s', 'job/x', '--severity', 'fatal']],
  ['data that is no pair', ['report', 'failed', '-s', 'job/x', '--data', 'rows']],
  ['data under a forbidden key', ['report', 'failed', '-s', 'job/x', '--data', '__proto__=1']],
  ['an unknown word', ['report', 'suceeded', '-s', 'job/x']],
  ['an unknown adapter', ['ingest', 'openclaw-task']],
  ['a binding that is not there', ['--binding', 'nope', 'status']],
  ['a workspace that is not there', ['-C', 'nowhere', 'status']],
  ['a workspace without a binding', ['-C', 'policy', 'status']],
];

describe.concurrent('wrong usage', () => {
  it.for(WRONG)('%s is exit code 2, with the next command, and writes nothing', async ([, args], { expect }) => {
    const ran = await place.rgov(args);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(place.transcript(['rgov', ...args].join(' '), ran)).toMatchSnapshot();
    expect(ran.stderr).toMatch(/hint:|did you mean|expected:/);
    expect(place.state()).toEqual({});
  });

  it.for(WRONG)('%s as JSON is one object on standard output', async ([, args], { expect }) => {
    const ran = await place.rgov([...args, '--json']);
    expect(ran).toMatchObject({ code: 2, stderr: '' });
    const { error, ...rest } = JSON.parse(ran.stdout);
    expect(rest).toEqual({});
    expect(['usage', 'invalid_documents']).toContain(error.kind);
    expect(error.message).not.toContain('\n');
  });
});

describe('without a workspace', () => {
  const needing = [
    ['validate'],
    ['send-test', 'operator'],
    ['report', 'started', '-s', 'a'],
    ['ingest', 'cloudevents'],
    ['plan'],
    ['reconcile'],
    ['status'],
    ['explain', 'some-id'],
    ['ack', 'some-id', '--by', 'a'],
  ];
  it.each(needing)('%s says how to make one', async (...args) => {
    const ran = await place.rgov(args, { cwd: '/' });
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toBe(
      'rgov: no workspace here: neither / nor a folder above it holds bindings/*.yaml\n  hint:     rgov init my-workspace   (or name one: rgov -C DIR ...)\n',
    );
  });
});

it('options stand before or after the command, and a workspace is found from below', async () => {
  const state = async (args: string[], cwd: string) => JSON.parse((await place.rgov([...args, '--json'], { cwd })).stdout).state;
  for (const args of [
    ['-C', 'ws', 'status'],
    ['status', '-C', 'ws'],
    ['status', '--workspace', place.ws()],
  ])
    expect(await state(args, place.root)).toBe(place.ws('state'));
  expect(await state(['status'], place.ws('policy'))).toBe(place.ws('state'));
  expect((await place.rgov(['--json', 'status'])).stdout).toContain('"needsHuman": true');
});

it('init makes its folder below the one of -C, and quotes it for the shell', async () => {
  const ran = await place.rgov(['-C', 'deep', 'init', "o'clock 1"], { cwd: place.root });
  expect(ran.code).toBe(0);
  const next = ran.stdout.split('\n').find((line) => line.startsWith('  cd ')) as string;
  expect((await place.sh(`${next} && rgov validate`, { cwd: place.root })).code).toBe(0);
});
