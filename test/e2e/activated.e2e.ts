import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { canary } from '../support/loopback-attempt.ts';
import { eventually, sleep } from '../support/watching.ts';
import { Deployment } from './deployment.ts';
import { FakeModel } from './fake-model.ts';
import { FakeTelegram } from './fake-telegram.ts';
import { RealOpenClaw } from './real-openclaw.ts';
import type { Ran } from './run.ts';

/** Some passes, and whatever else OpenClaw does by itself, on a slow machine. */
const PATIENCE_MS = 10 * 60_000;
/** How long a second message is waited for in vain: two passes. */
const SETTLE_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'rgov-activated-'));
const telegram = new FakeTelegram();
const model = new FakeModel();
const openclaw = new RealOpenClaw(folder, canary());
const deployment = new Deployment(openclaw);
const proof = join(folder, 'workspace/proof');

beforeAll(async () => {
  await Promise.all([telegram.start(), model.start()]);
  openclaw.install();
  await openclaw.configure(telegram.port, model.port);
  await openclaw.start();
  await deployment.make();
});
afterAll(async () => {
  await openclaw.stop();
  await Promise.all([telegram.stop(), model.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

const tell = (what: string, { code, stdout, stderr }: Ran): void => void process.stderr.write(`${what}: exit ${code}\n${stdout}${stderr}\n`);
const messages = (subject: string): string[] => telegram.sent.filter(({ text }) => text.includes(subject)).map(({ messageId }) => messageId);

/** A job that fails once, and of which OpenClaw tells nobody. */
async function failInSilence(name: string): Promise<void> {
  const script = "echo exporting; echo 'connection refused' >&2; exit 3";
  const { id } = await openclaw.ask('cron', 'add', '--name', name, '--every', '24h', '--command', script, '--no-deliver', '--json');
  const ran = await openclaw.run('cron', 'run', String(id), '--wait', '--wait-timeout', '120s', '--json');
  expect(JSON.parse(ran.stdout)).toMatchObject({ completed: true, status: 'error', completionStatus: 'failed' });
}

/** A turn in which the agent runs a command that leaves a proof; whether it did. */
async function runsCommand(): Promise<boolean> {
  rmSync(proof, { force: true });
  model.toolResults.length = 0;
  const turn = await openclaw.run('agent', '--agent', 'main', '--message', `TOOL:exec {"command":"echo ran > ${proof}"}`, '--json');
  expect(JSON.parse(turn.stdout)).toMatchObject({ status: 'ok' });
  expect(model.toolResults.length).toBeGreaterThan(0);
  return existsSync(proof);
}

it('a job fails in silence; once it is activated, the operator gets exactly one notice, and the receipt has its message id', async () => {
  await failInSilence('nightly-export');
  await sleep(5_000);
  expect(telegram.sent).toEqual([]);

  const before = configuration();
  const written = await deployment.rgov('activate', '--as', 'openclaw', '--write');
  tell('activate --write', written);
  expect(written.code).toBe(0);
  expect(configuration()).toMatchObject(before);
  expect((await deployment.rgov('activate', '--as', 'openclaw', '--check')).code).toBe(0);

  const receipt = await eventually('the notice is proved', () => acked('job/nightly-export'), PATIENCE_MS);
  await sleep(SETTLE_MS);
  expect(telegram.sent).toHaveLength(1);
  expect(telegram.sent[0]).toMatchObject({ chatId: '555001', text: expect.stringContaining('job/nightly-export failed') });
  expect(receipt.evidence[0]).toMatchObject({ level: 'accepted', reference: telegram.sent[0]?.messageId });
});

it('with Telegram unreachable it is pending, the gate is closed and a tool does not run; OpenClaw delivers, the plugin says so, and it runs', async () => {
  expect(await runsCommand()).toBe(true);

  await telegram.stop();
  await failInSilence('backup');
  const pending = await eventually('a receipt of the other notice', () => deployment.receiptOf('job/backup'), PATIENCE_MS);
  expect(pending).toMatchObject({ status: 'pending_external_send', custody: 'openclaw:outbound-queue', evidence: [] });
  expect(await runsCommand()).toBe(false);
  expect(model.toolResults[0]).toMatch(/REPORTING_GATE_CLOSED: gate no-commands-while-unheard/);
  expect(model.toolResults[0]).toContain(pending.id);

  await telegram.start();
  const receipt = await eventually('the other notice is proved', () => acked('job/backup'), PATIENCE_MS);
  await sleep(SETTLE_MS);
  expect(messages('job/backup')).toHaveLength(1);
  expect(receipt.evidence).toMatchObject([{ level: 'accepted', by: 'report:openclaw', reference: messages('job/backup')[0] }]);
  expect(await runsCommand()).toBe(true);
});

it('of the passes themselves nothing is heard; --check notices a change, and --remove leaves nothing of ours', async () => {
  expect(
    deployment
      .events()
      .map(({ subject }) => subject)
      .filter((subject) => subject.includes('rgov')),
  ).toEqual([]);
  const job = (await jobs()).find(({ name }) => name.startsWith('rgov-reconcile-'));
  expect(job?.state).toMatchObject({ lastRunStatus: 'ok', consecutiveErrors: 0 });
  await openclaw.run('cron', 'disable', String(job?.id));
  const drift = await deployment.rgov('activate', '--as', 'openclaw', '--check', '--json');
  expect(drift.code).toBe(1);
  expect(JSON.parse(drift.stdout).pieces).toMatchObject([
    { found: 'same' },
    { found: 'changed', differences: expect.arrayContaining(['-   "enabled": false,']) },
  ]);

  const removed = await deployment.rgov('activate', '--as', 'openclaw', '--remove');
  tell('activate --remove', removed);
  expect(removed.code).toBe(0);
  expect((await jobs()).filter(({ name }) => name.startsWith('rgov-'))).toEqual([]);
  const { plugins } = await openclaw.ask('plugins', 'list', '--json');
  expect((plugins as { id: string }[]).filter(({ id }) => id === 'reporting-governance')).toEqual([]);
  expect(JSON.stringify(configuration())).not.toContain('reporting-governance');
});

const acked = (subject: string) => {
  const receipt = deployment.receiptOf(subject);
  return receipt?.status === 'acked' ? receipt : null;
};

interface Job {
  id: string;
  name: string;
  state: object;
}
const jobs = async (): Promise<Job[]> => (await openclaw.ask('cron', 'list', '--all', '--json'))['jobs'] as Job[];

/** What OpenClaw notes of its own writing changes each time. */
function configuration(): object {
  const { meta: _, ...rest } = JSON.parse(readFileSync(join(folder, 'openclaw.json'), 'utf8')) as { meta?: object };
  return rest;
}
