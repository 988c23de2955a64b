import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CliWorkspace, failures, type Ran } from '../support/cli-workspace.ts';
import { isRoot, skipBecause } from '../support/hostile-things.ts';
import { SmallDisk } from '../support/small-disk.ts';

let workspace: CliWorkspace;
let disk: SmallDisk | null = null;

beforeEach(() => {
  workspace = new CliWorkspace();
});
afterEach(() => {
  disk?.unmount();
  disk = null;
  workspace.remove();
});

function mounted(options: string): SmallDisk | null {
  disk = isRoot ? SmallDisk.mount(workspace.state, `${options},mode=700`) : null;
  if (disk === null) skipBecause('only root can mount a small disk, and not in every container');
  return disk;
}

/** Exit code 4 always says where and why. */
function expectStateError({ code, stderr }: Ran, cause: string): void {
  expect(code, stderr).toBe(4);
  expect(stderr).toContain(workspace.state);
  expect(stderr).toContain(cause);
}

/** Every attempt whose process died is put off by the file sender; nothing else may be missing. */
function expectNothingLost(accepted: number): void {
  const { counts, quarantined, unreadable } = workspace.status();
  expect(counts).toMatchObject({ events: accepted, undecided: 0, notices: accepted });
  expect((counts['pending_external_send'] ?? 0) + (counts['queued'] ?? 0)).toBe(accepted);
  expect(quarantined).toEqual([]);
  expect(unreadable).toEqual([]);
}

describe('a full disk', () => {
  it.each([0, 1, 2, 3, 4, 5, 7])('with room for %d more files: what was accepted is told once there is room', (free) => {
    const small = mounted('size=1m');
    if (!small) return;
    expect(workspace.run(['report', 'failed', '-s', 'job/first']).code).toBe(0);
    small.fill(free);
    let accepted = 1;
    for (const subject of ['job/a', 'job/b']) {
      const ran = workspace.run(['report', 'failed', '-s', subject]);
      if (ran.code === 0) accepted++;
      else expectStateError(ran, 'ENOSPC');
    }
    const ingested = workspace.run(['ingest', 'cloudevents'], { input: failures(1) });
    if (ingested.code === 0) accepted++;
    else expectStateError(ingested, 'ENOSPC');
    const reconciled = workspace.run(['reconcile']);
    if (reconciled.code !== 0) expectStateError(reconciled, 'ENOSPC');
    expect([0, 1], 'reading needs no room').toContain(workspace.run(['status']).code);
    small.free();
    expect(workspace.run(['reconcile']).code).toBe(0);
    expectNothingLost(accepted);
  });

  it('a wrapped command runs and keeps its exit code', () => {
    const small = mounted('size=1m');
    if (!small) return;
    small.fill(0);
    const { code, stdout, stderr } = workspace.run(['run', '-s', 'job/x', '--', 'sh', '-c', 'echo out; exit 3']);
    expect(code).toBe(3);
    expect(stdout).toBe('out\n');
    expect(stderr).toContain('ENOSPC');
  });
});

it.each([15, 16, 17, 18, 19, 20])('a disk that takes %d inodes', (inodes) => {
  const small = mounted(`size=1m,nr_inodes=${inodes}`);
  if (!small) return;
  const reported = workspace.run(['report', 'failed', '-s', 'job/first']);
  if (reported.code !== 0) return expectStateError(reported, 'ENOSPC');
  const reconciled = workspace.run(['reconcile']);
  if (reconciled.code !== 0) expectStateError(reconciled, 'ENOSPC');
  small.remount('nr_inodes=1000');
  expect(workspace.run(['reconcile']).code).toBe(0);
  expectNothingLost(1);
});

it('a read-only disk', () => {
  const small = mounted('size=1m');
  if (!small) return;
  expect(workspace.run(['report', 'failed', '-s', 'job/first']).code).toBe(0);
  small.remount('ro');
  expectStateError(workspace.run(['report', 'failed', '-s', 'job/x']), 'EROFS');
  expectStateError(workspace.run(['ingest', 'cloudevents'], { input: failures(3) }), 'EROFS');
  expectStateError(workspace.run(['reconcile']), 'EROFS');
  // It can be read; that no pass has come to its end is what needs a human.
  expect(workspace.run(['status']).code).toBe(1);
  expect(workspace.run(['plan']).code).toBe(0);
  small.remount('rw');
  expect(workspace.run(['reconcile']).code).toBe(0);
  expectNothingLost(1);
});

describe('a state of somebody else', () => {
  const asNobody = { through: ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] };

  it('is an error that says so, for every command', () => {
    if (!isRoot) return skipBecause('only root can become somebody else');
    expect(workspace.run(['report', 'failed', '-s', 'job/first']).code).toBe(0);
    chmodSync(workspace.root, 0o755);
    const commands = [['report', 'failed', '-s', 'job/x'], ['reconcile'], ['status'], ['plan'], ['explain', 'first'], ['ack', 'first', '--by', 'me']];
    for (const command of commands) expectStateError(workspace.run(command, asNobody), 'EACCES');
    expectStateError(workspace.run(['ingest', 'cloudevents'], { ...asNobody, input: failures(1) }), 'EACCES');
  });

  it('a state that may only be read is read', () => {
    if (!isRoot) return skipBecause('only root can become somebody else');
    expect(workspace.run(['report', 'failed', '-s', 'job/first']).code).toBe(0);
    expect(workspace.run(['reconcile']).code).toBe(0);
    execFileSync('chmod', ['-R', 'a+rX', workspace.root]);
    expect(workspace.run(['status'], asNobody).stdout).toContain('1 pending_external_send');
    expectStateError(workspace.run(['report', 'failed', '-s', 'job/x'], asNobody), 'EACCES');
  });
});

it.each([20, 40, 100])('%d open files at most: nothing accepted is lost', (files) => {
  const limited = { through: ['prlimit', `--nofile=${files}:${files}`] };
  const ingested = workspace.run(['ingest', 'cloudevents'], { ...limited, input: failures(80) });
  if (ingested.code !== 0) {
    expectStateError(ingested, 'EMFILE');
    expect(workspace.run(['ingest', 'cloudevents'], { input: failures(80) }).code).toBe(0);
  }
  const reconciled = workspace.run(['reconcile'], limited);
  if (reconciled.code !== 0) expectStateError(reconciled, 'EMFILE');
  expect(workspace.run(['reconcile']).code).toBe(0);
  expectNothingLost(80);
});

it('a file where the state folder should be', () => {
  writeFileSync(workspace.state, 'not a folder');
  expectStateError(workspace.run(['report', 'failed', '-s', 'job/x']), 'ENOTDIR');
  expectStateError(workspace.run(['reconcile']), 'ENOTDIR');
});

it('a folder of the day that others own stops neither reading nor the error', () => {
  if (!isRoot) return skipBecause('only root can give folders away');
  const day = new Date().toISOString().slice(0, 10);
  mkdirSync(join(workspace.state, 'events', day), { recursive: true });
  chownSync(join(workspace.state, 'events', day), 0, 0);
  execFileSync('chmod', ['-R', 'a+rwX', workspace.root]);
  chmodSync(join(workspace.state, 'events', day), 0o755);
  const asNobody = { through: ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] };
  expectStateError(workspace.run(['report', 'failed', '-s', 'job/x'], asNobody), 'EACCES');
});
