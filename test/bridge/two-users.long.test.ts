import { chmodSync, chownSync, cpSync, lstatSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Behaviour, OK, type Receiver, startReceiver } from '../support/loopback-receiver.ts';
import { artifactsOf, drop, eventually, failedEvent } from '../support/watching.ts';
import { type Ran, Running, rgovIn } from './running.ts';
import { BridgeWorkspace, webhookTo } from './workspace.ts';

const PACKAGE = join(import.meta.dirname, '../..');
/** Ids that nobody here has: who governs, who holds the secret, and the group that both are in. */
const [GOVERNOR, BRIDGE, SHARED] = [64_101, 64_102, 64_103] as const;
const SECRET = `whsec_${Buffer.from('a secret of the bridge alone').toString('base64')}`;

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn('two-users.long.test.ts is skipped: only root can start processes as other users');

let program: string;
let workspace: BridgeWorkspace;
let receiver: Receiver;
const running: Running[] = [];

interface User {
  uid: number;
  gid: number;
}
const governor: User = { uid: GOVERNOR, gid: SHARED };
const bridge: User = { uid: BRIDGE, gid: SHARED };
const stranger: User = { uid: BRIDGE, gid: BRIDGE };

const as = (user: User, args: readonly string[]): Promise<Ran> => rgovIn(workspace.root, args, { program, cwd: '/', ...user });

function startAs(user: User, args: readonly string[]): Running {
  const command = [process.execPath, program, ...args, '-C', workspace.root, '--json', '--rescan', '30m'];
  const one = new Running(command, { cwd: '/', ...user });
  running.push(one);
  return one;
}

const served = ['bridge', '--sender', 'hook'];
const files = (stage: string, end = '.json'): string[] => artifactsOf(workspace.state, stage).filter((path) => path.endsWith(end));

function dropAsGovernor(id: string): void {
  drop(workspace.root, `${id}.json`, failedEvent(id));
}

describe.runIf(isRoot)('governance and bridge as two users', () => {
  beforeAll(() => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'rgov-two-users-')));
    for (const name of ['dist', 'schemas', 'policy', 'profiles', 'bindings', 'package.json']) {
      cpSync(join(PACKAGE, name), join(folder, name), { recursive: true });
    }
    makeReadable(folder);
    program = join(folder, 'dist', 'rgov.cjs');
  });
  afterAll(() => rmSync(dirname(dirname(program)), { recursive: true, force: true }));

  beforeEach(() => {
    workspace = new BridgeWorkspace();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.stop('SIGKILL')));
    await receiver?.close();
    workspace.remove();
  });

  /** What the documents say, whose everything is, and who may read the secret. */
  async function settle(behaviours: Behaviour[] = [OK]): Promise<void> {
    receiver = await startReceiver(behaviours);
    const secret = join(workspace.root, 'secret');
    const hook = webhookTo(receiver.origin);
    const retry = { attempts: 5, initial: '100ms', factor: 1 };
    // Both count turns and beat: what the one makes for that, the other must be able to use.
    const senders = { hook: { ...hook, bridge: 'process' as const, retry, rate: '100/1s', with: { ...hook.with, secret: { file: secret } } } };
    workspace.bind({ ...senders, own: { ...hook, rate: '100/1s' } }, { operator: { sender: 'hook' }, oncall: { sender: 'own' } });
    workspace.rules([
      { id: 'failure-is-told', when: 'event.type == "run.failed"', target: 'operator', within: '1d' },
      { id: 'progress-is-told', when: 'event.type == "run.progress"', target: 'oncall', within: '1d' },
    ]);
    makeReadable(workspace.root);
    writeFileSync(secret, SECRET);
    chownSync(secret, BRIDGE, BRIDGE);
    chmodSync(secret, 0o400);
    chownSync(workspace.root, GOVERNOR, SHARED);
    for (const folder of ['state', 'state/inbox']) chownSync(join(workspace.root, folder), GOVERNOR, SHARED);
    chmodSync(workspace.state, 0o2770);
  }

  it('the one hands over, the other alone can read the secret, and each reads what the other wrote', async () => {
    await settle();
    dropAsGovernor('1');
    expect(await as(governor, ['reconcile'])).toMatchObject({ code: 0, stderr: '' });
    expect(files('handoffs')).toHaveLength(1);
    expect(receiver.requests).toEqual([]);
    expect(await as(bridge, served)).toMatchObject({ code: 0, stderr: '' });
    expect(files('handoffs', '.1.claimed.json')).toHaveLength(1);
    const [receipt = ''] = files('receipts', '.1.acked.json');
    expect(lstatSync(join(workspace.state, receipt)).uid).toBe(BRIDGE);

    const [{ headers, body }] = receiver.requests as [Receiver['requests'][number]];
    expect(() => new Webhook(SECRET).verify(body, headers)).not.toThrow();
    const status = await as(governor, ['status', '--json']);
    expect(status).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(status.stdout)).toMatchObject({ counts: { notices: 1, acked: 1 }, unreadable: [], quarantined: [] });
    const [notice = ''] = files('queue').map((path) => path.replace(/^.*\/|\.json$/g, ''));
    const explained = await as(governor, ['explain', notice]);
    expect(explained.code).toBe(0);
    expect(explained.stdout).toContain('acked');
    expect(await as(governor, ['reconcile'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('the one that governs cannot send in place of the bridge', async () => {
    await settle();
    const binding = join(workspace.root, 'bindings', 'default.yaml');
    writeFileSync(binding, readFileSync(binding, 'utf8').replace('bridge: process', 'bridge: inline'));
    dropAsGovernor('1');
    await as(governor, ['reconcile']);
    expect(receiver.requests).toEqual([]);
    const [deferral = ''] = files('handoffs', '.deferred.json');
    expect(readFileSync(join(workspace.state, deferral), 'utf8')).toContain('cannot be read: EACCES');
  });

  it('folders of a day belong to the group, whoever made them, and no file to anybody else', async () => {
    await settle();
    dropAsGovernor('1');
    drop(workspace.root, 'progress.json', { ...failedEvent('2'), type: 'run.progress' });
    expect(await as(governor, ['reconcile'])).toMatchObject({ code: 0, stderr: '' });
    expect(await as(bridge, served)).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(join(workspace.state, '.rates')).sort()).toEqual(['hook', 'own']);
    for (const folder of ['.cache', '.cache/bridge-hook', '.owners', '.rates', '.rates/hook', '.rates/own']) {
      const { gid, mode } = lstatSync(join(workspace.state, folder));
      expect([folder, gid, (mode & 0o7777).toString(8)]).toEqual([folder, SHARED, '2770']);
    }
    for (const stage of ['events', 'decisions', 'queue', 'handoffs', 'receipts', '.tmp']) {
      for (const folder of stage === '.tmp' ? [stage] : [stage, ...readdirSync(join(workspace.state, stage)).map((day) => join(stage, day))]) {
        const { gid, mode } = lstatSync(join(workspace.state, folder));
        expect([folder, gid, (mode & 0o7777).toString(8)]).toEqual([folder, SHARED, '2770']);
      }
    }
    for (const path of ['events', 'handoffs', 'receipts'].flatMap((stage) => files(stage))) {
      const { gid, mode } = lstatSync(join(workspace.state, path));
      expect([path, gid, (mode & 0o7777).toString(8)]).toEqual([path, SHARED, '640']);
    }
  });

  it('each wakes the other: a retry needs neither a rescan nor a second look', async () => {
    await settle([{ status: 503 }, { status: 503 }, OK]);
    const governing = await startAs(governor, ['watch']).up();
    const bridging = await startAs(bridge, [...served, '--watch']).up();
    for (const id of ['1', '2']) {
      dropAsGovernor(id);
      await eventually(`the receipt of ${id}`, () => files('receipts', '.1.acked.json').length === Number(id));
    }
    expect(receiver.requests.map(({ headers }) => headers['rgov-attempt'])).toEqual(['1', '2', '3', '1']);
    expect(await governing.stop()).toBe(0);
    expect(await bridging.stop()).toBe(0);
    expect([governing.stderr, bridging.stderr]).toEqual(['', '']);
    const said = [...governing.facts, ...bridging.facts].filter(({ fact }) => ['failure', 'pass_failed', 'watching_limited'].includes(fact));
    expect(said).toEqual([]);
  });

  it('one that is not in the group is told so', async () => {
    await settle();
    dropAsGovernor('1');
    await as(governor, ['reconcile']);
    const { code, stderr, stdout } = await as(stranger, served);
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr).toMatch(/cannot \w+ .*state.*: permission denied \(EACCES\)/);
    expect(stderr).toContain('expected: a state folder that this user can read and write');
    expect(stderr).toContain('ls -ld');
    expect(receiver.requests).toEqual([]);
  });
});

/** For everybody, links aside. */
function makeReadable(path: string): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  chmodSync(path, stat.isDirectory() ? 0o755 : 0o644);
  if (stat.isDirectory()) for (const name of readdirSync(path)) makeReadable(join(path, name));
}
