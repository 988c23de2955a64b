import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type LiveApplier, liveApplier } from '../../src/run/applier.ts';
import { completePass } from '../../src/run/complete-pass.ts';
import { thisOwner } from '../../src/run/host.ts';
import type { PassReport } from '../../src/run/pass-report.ts';
import { recordAll } from '../../src/run/record.ts';
import { openWorkspace, type Workspace } from '../../src/run/workspace.ts';
import { type FileSystem, realFileSystem } from '../../src/store/files.ts';
import { Publisher } from '../../src/store/publish.ts';
import { BridgeWorkspace, webhookTo } from '../bridge/workspace.ts';
import { type Receiver, startReceiver } from '../support/loopback-receiver.ts';
import { failedRun, NOON_MS } from '../support/world.ts';

/** A process that makes many passes, on a disk on which what the test names cannot be linked. */
let folder: BridgeWorkspace;
let receiver: Receiver;
let workspace: Workspace;
let live: LiveApplier;
let now_ms = NOON_MS;
let refuses: (path: string) => boolean;

beforeEach(async () => {
  folder = new BridgeWorkspace();
  receiver = await startReceiver([{ status: 200, body: '{"id":"1"}' }]);
  now_ms = NOON_MS;
  refuses = () => false;
});
afterEach(async () => {
  await live.close();
  await receiver.close();
  folder.remove();
});

const io: FileSystem = {
  ...realFileSystem,
  linkSync: (from, to) => {
    if (refuses(String(to))) throw Object.assign(new Error('injected'), { code: 'ENOSPC' });
    realFileSystem.linkSync(from, to);
  },
};

const begin = (): LiveApplier =>
  liveApplier(workspace, () => now_ms, { lasting: true, publisher: new Publisher(workspace.layout, thisOwner().nonce, io) });

async function open(events: number): Promise<void> {
  workspace = await openWorkspace({ workspace: folder.root });
  await recordAll(
    workspace.layout,
    new Publisher(workspace.layout, 'emitter'),
    Array.from({ length: events }, (_, i) => failedRun(String(i))),
    NOON_MS,
  );
  live = begin();
}

/** A minute later: what is in hand is looked at again. */
const pass = (): Promise<PassReport> => {
  now_ms += 60_000;
  return completePass(workspace, live, { clock: () => now_ms });
};

const receipts = (): string[] => readdirSync(join(folder.state, 'receipts', '2026-11-22')).map((file) => file.split('.').slice(-3).join('.'));

it('an attempt whose claim came to disk although the batch failed is made again by the same process, and by nobody judged', async () => {
  folder.bind({ hook: webhookTo(receiver.origin) });
  await open(2);
  let links = 0;
  refuses = (path) => path.includes('/handoffs/') && ++links === 2;
  await expect(pass()).rejects.toThrow('ENOSPC');
  for (let n = 0; n < 3; n++) await pass();
  expect(receiver.requests).toHaveLength(2);
  expect(receipts()).toEqual(['1.acked.json', '1.acked.json']);
});

it('an outcome that cannot be written is written by the same process as soon as it can be', async () => {
  folder.bind({ hook: webhookTo(receiver.origin) });
  await open(1);
  refuses = (path) => path.includes('/receipts/');
  for (let n = 0; n < 3; n++) await expect(pass()).rejects.toThrow('ENOSPC');
  refuses = () => false;
  await pass();
  expect(receiver.requests).toHaveLength(1);
  expect(receipts()).toEqual(['1.acked.json']);
});

it('an outcome that was lost when the documents were loaded anew is indeterminate, not under way for ever', async () => {
  folder.bind({ hook: webhookTo(receiver.origin) });
  await open(1);
  refuses = (path) => path.includes('/receipts/');
  await expect(pass()).rejects.toThrow('ENOSPC');
  await live.close();
  refuses = () => false;
  live = begin();
  await pass();
  expect(receiver.requests).toHaveLength(1);
  expect(receipts()).toEqual(['1.blocked.json']);
});

it('a sender whose turns cannot be counted holds up neither the pass nor another sender, and goes on when they can', async () => {
  const hook = webhookTo(receiver.origin);
  folder.bind({ hook: { ...hook, concurrency: 1 }, other: { ...hook, rate: '5/1m' } }, { operator: { sender: 'hook' }, second: { sender: 'other' } });
  const when = 'event.type == "run.failed"';
  folder.rules(['operator', 'second'].map((target) => ({ id: target, when, target, within: '1d' })));
  mkdirSync(join(folder.state, '.rates'), { recursive: true });
  writeFileSync(join(folder.state, '.rates', 'other'), 'no folder');
  await open(1);
  const { failures } = await pass();
  expect(failures).toEqual([expect.stringContaining('ENOTDIR')]);
  expect(receiver.requests).toHaveLength(1);
  rmSync(join(folder.state, '.rates', 'other'));
  await pass();
  expect(receiver.requests).toHaveLength(2);
});
