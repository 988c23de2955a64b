import { afterAll, beforeAll, expect, it } from 'vitest';
import { Place } from '../support/cli.ts';

let place: Place;
beforeAll(async () => {
  place = await Place.initialised();
});
afterAll(() => place.remove());

it.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
  ['SIGHUP', 129],
] as const)('%s reaches the command, and its outcome is recorded', async (signal, code) => {
  const subject = `job/${signal}`;
  const ran = await place.rgov(['run', '-s', subject, '--', 'sh', '-c', 'echo ready; exec sleep 20'], {
    // What the command says first tells that it is there to be signalled.
    onStarted: (child) => child.stdout?.once('data', () => child.kill(signal)),
  });
  expect(ran.code).toBe(code);
  expect(place.artifacts('events').filter((event) => event['subject'] === subject)).toMatchObject([
    { type: 'run.started' },
    { type: 'run.failed', data: { signal } },
  ]);
});

it('a command that handles the signal ends as it likes', async () => {
  const script = 'trap "echo tidied up; exit 5" TERM; echo ready; while :; do sleep 0.05; done';
  let stdout = '';
  const ran = await place.rgov(['run', '-s', 'job/tidy', '--', 'sh', '-c', script], {
    onStarted: (child) =>
      child.stdout?.on('data', (chunk) => {
        stdout += chunk;
        if (String(chunk) === 'ready\n') child.kill('SIGTERM');
      }),
  });
  expect(ran.code).toBe(5);
  expect(stdout).toBe('ready\ntidied up\n');
});

it('a signal that comes twice does not take the report along', async () => {
  const script = 'trap "" TERM; echo ready; sleep 0.5; exit 6';
  const ran = await place.rgov(['run', '-s', 'job/twice', '--', 'sh', '-c', script], {
    onStarted: (child) =>
      child.stdout?.once('data', () => {
        const timer = setInterval(() => child.kill('SIGTERM'), 1);
        child.once('exit', () => clearInterval(timer));
      }),
  });
  expect(place.artifacts('events').filter((event) => event['subject'] === 'job/twice')).toMatchObject([
    { type: 'run.started' },
    { type: 'run.failed', data: { exitCode: 6 } },
  ]);
  // The last of them may hit when everything is recorded and rgov is about to end.
  expect([6, 143]).toContain(ran.code);
});

it('reaches the command while nobody reads its output', async () => {
  const ran = await place.rgov(['run', '-s', 'job/stuck', '--', 'yes'], {
    onStarted: (child) => {
      child.stdout?.pause();
      const whenStarted = setInterval(() => {
        if (!place.artifacts('events').some((event) => event['subject'] === 'job/stuck')) return;
        clearInterval(whenStarted);
        setTimeout(() => child.kill('SIGTERM'), 1_000);
        // Long after the signal: what is in the pipe has to go somewhere before the end.
        setTimeout(() => child.stdout?.resume(), 3_000);
      }, 50);
      child.stdout?.on('data', () => {});
      child.stdout?.pause();
    },
  });
  expect(ran.code).toBe(143);
  const [started, ended] = place.artifacts('events').filter((event) => event['subject'] === 'job/stuck');
  expect(Date.parse(ended?.['time']) - Date.parse(started?.['time'])).toBeGreaterThan(500);
  expect(ended).toMatchObject({ data: { signal: 'SIGTERM' } });
});
