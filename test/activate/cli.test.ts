import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Place, type Ran } from '../support/cli.ts';

/** Keeps a table as the real one does; nobody's own is touched. */
const CRONTAB = `#!/bin/sh
case "$1" in
-l) test -f "$TABLE" || { echo "no crontab for you" >&2; exit 1; }; cat "$TABLE" ;;
-r) rm "$TABLE" ;;
-) cat >"$TABLE" ;;
esac
`;

let place: Place;
let env: Record<string, string>;
beforeAll(async () => {
  place = await Place.initialised();
  mkdirSync(place.path('bin'));
  writeFileSync(place.path('bin/crontab'), CRONTAB);
  chmodSync(place.path('bin/crontab'), 0o755);
  env = { PATH: `${place.path('bin')}:${process.env['PATH']}`, TABLE: place.path('table') };
});
afterAll(() => place.remove());

const activate = (...args: string[]): Promise<Ran> => place.rgov(['activate', ...args], { env });

it('goes from nothing to installed and back, with the exit codes that say so', async () => {
  const printed = await activate('--as', 'cron');
  expect([printed.code, printed.stdout]).toEqual([0, expect.stringContaining('rgov activate --as cron --write   installs it')]);
  expect(existsSync(place.path('table'))).toBe(false);
  expect((await activate('--as', 'cron', '--check')).code).toBe(1);
  expect((await activate('--as', 'cron', '--write')).code).toBe(0);
  const checked = await activate('--as', 'cron', '--check', '--json');
  expect(checked.code).toBe(0);
  expect(JSON.parse(checked.stdout)).toEqual({
    ok: true,
    as: 'cron',
    mode: 'check',
    binding: 'default',
    workspace: place.ws(),
    command: 'rgov activate --as cron',
    summary: expect.stringMatching(/^a pass every 5m, by the crontab of /),
    pieces: [
      {
        where: expect.any(String),
        why: expect.any(String),
        text: readFileSync(place.path('table'), 'utf8'),
        found: 'same',
        byHand: false,
        differences: [],
        reason: null,
        hint: null,
        done: 'kept',
      },
    ],
    next: [],
    warnings: [],
  });
  writeFileSync(place.path('table'), readFileSync(place.path('table'), 'utf8').replace('*/5', '*/6'));
  const drifted = await activate('--as', 'cron', '--check');
  expect([drifted.code, drifted.stdout]).toEqual([1, expect.stringMatching(/edited by hand[\s\S]*- \*\/6[\s\S]*\+ \*\/5/)]);
  expect((await activate('--as', 'cron', '--write')).code).toBe(1);
  expect((await activate('--as', 'cron', '--write', '--force')).code).toBe(0);
});

it('takes it out although nobody can read the documents any more, once the binding is named', async () => {
  writeFileSync(place.ws('bindings/default.yaml'), 'kind: [\n');
  rmSync(place.ws('.cache'), { recursive: true });
  const unnamed = await activate('--as', 'cron', '--remove');
  expect([unnamed.code, unnamed.stderr]).toEqual([2, expect.stringContaining('--binding NAME')]);
  expect((await activate('--as', 'cron', '--remove', '--binding', 'default')).code).toBe(0);
  expect(existsSync(place.path('table'))).toBe(false);
});

it.each([
  [['--as', 'corn'], /--as corn is no way[\s\S]*--as cron/],
  [['--as', 'cron', '--watch'], /cannot keep a watcher/],
  [['--as', 'cron', '--scope', 'user'], /--scope user means nothing/],
  [['--as', 'systemd', '--scope', 'usr'], /user or system/],
  [['--as', 'cron', '--write', '--remove'], /--write and --remove/],
  [[], /--as is missing[\s\S]*cron, systemd/],
])('rgov activate %j is wrong usage', async (args, message) => {
  const ran = await activate(...args);
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringMatching(message)]);
});
