import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OBEYED_BY_TERMINALS, Place } from '../support/cli.ts';

let place: Place;
beforeEach(async () => {
  place = await Place.initialised();
});
afterEach(() => place.remove());

const report = (...args: string[]) => place.rgov(['report', ...args]);

it.each([
  ['started', 'run.started', 'info'],
  ['progress', 'run.progress', 'info'],
  ['succeeded', 'run.succeeded', 'info'],
  ['failed', 'run.failed', 'error'],
  ['blocked', 'run.blocked', 'error'],
])('%s becomes %s, asserted by the subject', async (word, type, severity) => {
  const ran = await report(word, '-s', 'job/x', '--summary', 'as it says', '--run-id', 'r1');
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  const [event] = place.artifacts('events');
  expect(event).toMatchObject({
    type,
    severity,
    subject: 'job/x',
    runid: 'r1',
    provenance: 'asserted',
    source: 'rgov/report',
    data: { summary: 'as it says' },
  });
  expect(ran.stdout).toBe(
    `recorded  ${Object.keys(place.state())
      .find((path) => path.startsWith('events/'))
      ?.split('/')[2]
      ?.replace('.json', '')}\n`,
  );
});

it('severity can be said', async () => {
  await report('succeeded', '-s', 'job/x', '--severity', 'critical');
  expect(place.artifacts('events')).toMatchObject([{ severity: 'critical' }]);
});

it('data keeps numbers and truth values that are written as such, and everything else as text', async () => {
  const pairs = [
    'n=5',
    'f=-1.5',
    'yes=true',
    'no=false',
    'zero=007',
    'big=1e999',
    'long=12345678901234567890',
    'empty=',
    'eq=a=b',
    'null=null',
    'space= 1',
    'n2=0x10',
    'twice=1',
    'twice=2',
  ];
  await report('progress', '-s', 'job/x', ...pairs.flatMap((pair) => ['--data', pair]));
  expect(place.artifacts('events')[0]?.['data']).toEqual({
    n: 5,
    f: -1.5,
    yes: true,
    no: false,
    zero: '007',
    big: '1e999',
    long: '12345678901234567890',
    empty: '',
    eq: 'a=b',
    null: 'null',
    space: ' 1',
    n2: '0x10',
    twice: 2,
  });
});

it('a repeated id is the same fact, and another fact under it is a conflict', async () => {
  const [first, again] = [await report('failed', '-s', 'job/x', '--id', '42'), await report('failed', '-s', 'job/x', '--id', '42')];
  expect(first.stdout).toMatch(/^recorded {2}/);
  expect(again).toMatchObject({ code: 0, stdout: first.stdout.replace('recorded', 'known') });
  const conflict = await report('failed', '-s', 'job/x', '--id', '42', '--summary', 'other');
  expect(conflict).toMatchObject({ code: 1, stdout: '' });
  expect(place.transcript('rgov report failed -s job/x --id 42 --summary other', conflict)).toMatchSnapshot();
  expect(place.artifacts('events')).toHaveLength(1);
});

it('without an id every call is a fact of its own', async () => {
  await Promise.all(Array.from({ length: 5 }, () => report('progress', '-s', 'job/x')));
  expect(place.artifacts('events')).toHaveLength(5);
});

describe('a hostile subject is refused, and nothing is written:', () => {
  it.each([
    ['a way out of the folder', '../../x'],
    ['an absolute path', '/etc/passwd'],
    ['a hidden way out', 'job/../../x'],
    ['nothing', ''],
    ['a newline', 'job\nx'],
    ['an escape sequence', 'job\u001b[2Jx'],
    ['a C1 control', 'job\u009b2Jx'],
    ['a reversed text', 'job\u202ex'],
    ['300 characters', 'x'.repeat(300)],
    ['100,000 characters', 'x'.repeat(100_000)],
    ['a backslash', 'job\\x'],
    ['a dash that looks like an option', '--job'],
  ])('%s', async (_what, subject) => {
    const ran = await report('failed', `--subject=${subject}`);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toContain('subject');
    expect(ran.stderr).not.toMatch(OBEYED_BY_TERMINALS);
    expect(ran.stderr.length).toBeLessThan(2_000);
    expect(place.state()).toEqual({});
  });
});

it.each(['__proto__', 'constructor', 'ünïcode/работа', `${'long/'.repeat(30)}x`])(
  'an odd but harmless subject goes all the way: %s',
  async (subject) => {
    expect((await report('failed', '-s', subject)).code).toBe(0);
    expect((await place.rgov(['reconcile'])).code).toBe(0);
    expect(place.artifacts('receipts')).toMatchObject([{ status: 'pending_external_send' }]);
    expect(place.artifacts('queue')).toMatchObject([{ subject }]);
    expect((await place.rgov(['status'])).stdout).toContain(subject.slice(0, 40));
  },
);

it('a summary of 300 KB is refused, with its limit', async () => {
  const ran = await report(
    'failed',
    '-s',
    'job/x',
    '--summary',
    'x'.repeat(100_000),
    '--data',
    `a=${'y'.repeat(100_000)}`,
    '--data',
    `b=${'z'.repeat(100_000)}`,
  );
  expect(ran.code).toBe(2);
  expect(ran.stderr).toMatch(/at most \d+/);
  expect(place.state()).toEqual({});
});
