import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { Place, PROGRAM } from '../support/cli.ts';
import { skipBecause } from '../support/hostile-things.ts';
import { eventually, sleep } from '../support/watching.ts';

const MINUTE_MS = 60_000;
/** The table is read at the turn of a minute; whatever takes longer than another one does not run at all. */
const PATIENCE_MS = 2.5 * MINUTE_MS;
/** Programs of the system; not of any package that this one depends on. */
const [CRON, INSTALLER] = ['cron', 'apt-get'];
const TABLE = `/etc/cron.d/rgov-test-${process.pid}`;

const found = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** Null if there is a cron daemon now; otherwise why there is none. */
function whyNoCron(): string | null {
  if (process.getuid?.() !== 0) return 'a cron daemon wants to be started by root';
  if (found(CRON)) return null;
  if (!found(INSTALLER)) return 'there is no cron here, and no apt-get to install it with';
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'cron']]) {
    const { status, stderr } = spawnSync(INSTALLER, ['-qq', ...args], { env, encoding: 'utf8', timeout: 2 * MINUTE_MS });
    if (status !== 0) return `cron cannot be installed: apt-get ${args[0]}: ${stderr.trim().split('\n').at(-1) || 'it takes too long'}`;
  }
  return found(CRON) ? null : 'the package cron holds no cron';
}

let daemon: ChildProcess | undefined;
let place: Place | undefined;
afterAll(async () => {
  rmSync(TABLE, { force: true });
  if (daemon && daemon.exitCode === null) {
    daemon.kill();
    await once(daemon, 'exit');
  }
  place?.remove();
});

/** Runs the tables below /etc/cron.d; if a daemon does so already, that one is good enough. */
async function startDaemon(): Promise<void> {
  const started = spawn(CRON, ['-f'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  started.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  await sleep(1_000);
  if (started.exitCode === null) daemon = started;
  else if (!/lock|running/i.test(stderr)) throw new Error(`cron ended with ${started.exitCode}: ${stderr}`);
}

const binding = `apiVersion: reporting-governance/v1
kind: RuntimeBinding
metadata: { name: default }
spec:
  profile: local-file
  state: state
  schedule: { every: 1m }
  expect:
    - { id: backup-reports, subject: job/nightly-backup, every: 5s }
  targets:
    operator: { sender: inbox }
  senders:
    inbox: { use: file, with: { directory: ./notices } }
`;

describe('a cron daemon that runs rgov reconcile every minute', () => {
  it('raises one event for a job that falls silent, however many passes follow', { timeout: 8 * MINUTE_MS }, async () => {
    const why = whyNoCron();
    if (why !== null) return skipBecause(why);
    place = await Place.initialised();
    place.write('bindings/default.yaml', binding);
    const heard = await place.rgov(['report', 'succeeded', '--subject', 'job/nightly-backup']);
    expect(heard.code, heard.stderr).toBe(0);
    const first = await place.rgov(['reconcile']);
    expect(first.code, first.stderr).toBe(0);
    const types = (): string[] => (place as Place).artifacts('events').map(({ type }) => type as string);
    expect(types().sort()).toEqual(['expectation.in_force', 'run.succeeded']);
    await sleep(5_000);

    // As an operator would write it, but for the exit codes, which tell the passes apart.
    const [log, codes] = [place.path('cron.log'), place.path('codes')];
    const command = `'${process.execPath}' '${PROGRAM}' -C '${place.ws()}' reconcile >>'${log}' 2>&1; echo $? >>'${codes}'`;
    writeFileSync(TABLE, `SHELL=/bin/sh\nHOME=${place.root}\n* * * * * root ${command}\n`, { mode: 0o644 });
    await startDaemon();

    const passes = (): string[] => (existsSync(codes) ? readFileSync(codes, 'utf8').trim().split('\n') : []);
    const said = (): string => `${passes().length} passes; ${types().join(' ')}\n${existsSync(log) ? readFileSync(log, 'utf8') : ''}`;
    const pass = (n: number): Promise<boolean> => eventually(`pass ${n} by cron`, () => passes().length >= n, PATIENCE_MS);

    await pass(1);
    expect(
      types().filter((type) => type === 'report.overdue'),
      said(),
    ).toHaveLength(1);
    await pass(3);
    expect(
      passes().every((code) => code === '0'),
      said(),
    ).toBe(true);
    expect(types().sort(), said()).toEqual(['expectation.in_force', 'report.overdue', 'run.succeeded']);
    expect(place.artifacts('queue').map(({ eventType, subject }) => `${eventType} ${subject}`)).toEqual(['report.overdue job/nightly-backup']);
    expect(place.artifacts('handoffs')).toHaveLength(1);
    expect(readdirSync(place.ws('notices'))).toHaveLength(1);
  });
});
