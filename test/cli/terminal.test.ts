import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OBEYED_BY_TERMINALS, Place, PROGRAM, type Ran } from '../support/cli.ts';

/** Clears the screen in the 7-bit way and in the 8-bit way, sets the title, reverses what follows, hides a character. */
const NASTY = 'x\u001b[2J\u009b2J\u001b]0;owned\u0007\u202e\u200by';
const hasScript = ['/usr/bin/script', '/bin/script'].some((path) => existsSync(path));

let place: Place;
beforeAll(async () => {
  place = await Place.initialised();
  const data = ['--summary', NASTY, '--id', NASTY, '--data', `key=${NASTY}`, '--run-id', NASTY];
  await place.rgov(['report', 'failed', '-s', 'job/x', ...data]);
  await place.rgov(['run', '-s', 'job/y', '--', 'sh', '-c', `printf '%s' "$0"; exit 1`, NASTY]);
  const [day] = Object.keys(place.state())[0]?.match(/\d{4}-\d\d-\d\d/) ?? [];
  place.write(`state/events/${day}/bad${NASTY}.json`, `{"a":"${NASTY}"`);
  place.write(`state/receipts/${day}/20261122T030000.000Z_a_b_0123456789ab.1.acked.json`, `{"${NASTY}":1}`);
});
afterAll(() => place.remove());

// In this order: plan sees what reconcile then does.
const SHOWING: [code: number, args: string[]][] = [
  [0, ['plan']],
  [0, ['plan', '--json']],
  [1, ['reconcile']],
  [1, ['status']],
  [1, ['status', '--json']],
  [0, ['explain', 'run.failed_job.x']],
  [0, ['explain', 'run.failed_job.x', '--json']],
  [0, ['explain', 'run.failed_job.y']],
  [3, ['ack', 'state/queue/nothing', '--by', NASTY]],
  [3, ['explain', NASTY]],
  [3, ['explain', NASTY, '--json']],
  [2, ['report', NASTY, '-s', 'job/x']],
  [2, ['report', 'failed', '-s', NASTY]],
  [2, ['report', 'failed', '-s', 'job/x', '--severity', NASTY]],
  [2, ['report', 'failed', '-s', 'job/x', '--data', NASTY]],
  [2, ['report', 'failed', '-s', 'job/x', '--data', `${NASTY}=1`]],
  [2, ['ingest', NASTY]],
  [3, ['ingest', 'cloudevents', NASTY]],
  [2, ['-C', NASTY, 'status']],
  [2, ['--binding', NASTY, 'status']],
  [0, ['init', NASTY]],
  [127, ['run', '-s', 'job/z', '--', NASTY]],
  [2, [NASTY]],
  [2, [`--${NASTY}`]],
];

describe('what comes from data never reaches a terminal as a command', () => {
  it.each(SHOWING.map(([code, args]) => ({ code, args, shown: args.map((arg) => arg.replace(NASTY, 'NASTY')).join(' ') })))(
    'rgov $shown',
    async ({ code, args }) => {
      const ran = await place.rgov(args);
      expect(ran.code, ran.stderr).toBe(code);
      expect(ran.stdout + ran.stderr).not.toMatch(OBEYED_BY_TERMINALS);
      expect(ran.stdout + ran.stderr).not.toBe('');
    },
  );

  it('nor does an acknowledgement', async () => {
    const notice = place.artifacts('queue')[0]?.['id'];
    const shown = [
      await place.rgov(['ack', notice, '--by', NASTY, '--note', NASTY]),
      await place.rgov(['explain', notice]),
      await place.rgov(['explain', notice, '--json']),
    ];
    for (const ran of shown) {
      expect(ran.code).toBe(0);
      expect(ran.stdout).not.toMatch(OBEYED_BY_TERMINALS);
    }
  });

  it('and JSON loses nothing by it', async () => {
    const { event } = JSON.parse((await place.rgov(['explain', 'run.failed_job.x', '--json'])).stdout);
    expect(event.document.id).toBe(NASTY);
  });

  it('the message for the operator is harmless too', async () => {
    const messages = await place.sh('cat notices/*');
    expect(messages.stdout).toContain('job/x failed');
    expect(messages.stdout).not.toMatch(OBEYED_BY_TERMINALS);
  });
});

/** With a terminal for all three streams. */
const onTerminal = (command: string, env: Record<string, string> = {}): Promise<Ran> => {
  const line = `'${process.execPath}' '${PROGRAM}' ${command}`;
  return place.run('script', ['-qec', line, '/dev/null'], { env });
};

describe.skipIf(!hasScript)('on a terminal (skipped where there is no script(1))', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what this looks for
  const COLOUR = /\u001b\[[0-9;]*m/g;

  it('there is colour, and no other escape', async () => {
    const ran = await onTerminal('status');
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(COLOUR);
    expect(ran.stdout.replace(COLOUR, '').replaceAll('\r\n', '\n')).not.toMatch(OBEYED_BY_TERMINALS);
  });

  it.each([{ NO_COLOR: '1' }, { TERM: 'dumb' }])('there is none with %o', async (env) => {
    expect((await onTerminal('status', env)).stdout).not.toMatch(COLOUR);
  });

  it('errors are coloured, too, and reconcile says when it will be due', async () => {
    expect((await onTerminal('statsu')).stdout).toMatch(COLOUR);
    expect((await onTerminal('reconcile')).stdout).toMatch(/nothing to do|next step due/);
  });

  it('the text is the same with and without colour', async () => {
    const [coloured, plain] = [await onTerminal('explain run.failed_job.x'), await place.rgov(['explain', 'run.failed_job.x'])];
    expect(coloured.stdout.replace(COLOUR, '').replaceAll('\r\n', '\n')).toBe(plain.stdout);
  });
});

describe('a reader that goes away is no failure', () => {
  it.each(['status', 'status --json', 'explain run.failed_job.x', '--help', 'validate'])('rgov %s | head -0', async (command) => {
    const ran = await place.sh(`{ rgov ${command}; echo "code $?" >&2; } | head -0`);
    expect(ran.stderr).toMatch(/^code [01]\n$/);
  });

  it('a full disk behind the output is one, without a stack', async () => {
    const ran = await place.sh('rgov status > /dev/full');
    expect(ran.code).toBe(4);
    expect(ran.stderr).toMatch(/^rgov: standard output cannot be written: ENOSPC.*\n$/);
  });
});
