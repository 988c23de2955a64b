import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CliWorkspace, failures } from '../support/cli-workspace.ts';
import { namesBelow } from '../support/hostile-things.ts';
import { type Receiver, startReceiver } from '../support/loopback-receiver.ts';

let workspace: CliWorkspace;
let receiver: Receiver;

beforeEach(async () => {
  workspace = new CliWorkspace();
  receiver = await startReceiver();
  workspace.bindWebhook(receiver.origin);
});
afterEach(async () => {
  await receiver.close();
  workspace.remove();
});

const count = (ids: readonly string[]): Map<string, number> =>
  ids.reduce((counts, id) => counts.set(id, (counts.get(id) ?? 0) + 1), new Map<string, number>());
const received = (): Map<string, number> => count(receiver.requests.map(({ headers }) => headers['webhook-id'] ?? ''));
const receipts = (): { notice: string; status: string }[] =>
  namesBelow(workspace.state, 'receipts').flatMap((path) => {
    const match = /\/([^/]+)\.\d+\.(\w+)\.json$/.exec(path);
    return match ? [{ notice: match[1] as string, status: match[2] as string }] : [];
  });

describe('ten reconcilers and five emitters at once', () => {
  it('tell everything that was accepted, once', async () => {
    expect(workspace.run(['ingest', 'cloudevents'], { input: failures(200) }).code).toBe(0);
    const emitters = Array.from({ length: 5 }, async (_, emitter) => {
      for (let i = 0; i < 3; i++) {
        const { code, stderr } = await workspace.runBeside(['report', 'failed', '-s', `agent/${emitter}-${i}`]);
        expect(code, stderr).toBe(0);
      }
    });
    const reconcilers = Array.from({ length: 10 }, async () => {
      const { code, stderr } = await workspace.runBeside(['reconcile']);
      expect(code, stderr).toBe(0);
    });
    await Promise.all([...emitters, ...reconcilers]);
    await workspace.runBeside(['reconcile']);
    expect([...received().values()].filter((times) => times !== 1)).toEqual([]);
    expect(received().size).toBe(215);
    expect(receipts().filter(({ status }) => status === 'acked')).toHaveLength(215);
    expect(workspace.status()).toMatchObject({ counts: { events: 215, undecided: 0, acked: 215 }, quarantined: [] });
  });
});

describe('reconcilers killed at any moment', () => {
  it('never send twice, and never claim what the receiver does not have', async () => {
    expect(workspace.run(['ingest', 'cloudevents'], { input: failures(120) }).code).toBe(0);
    await workspace.runBeside(['reconcile', '--help']);
    for (let kill = 0; kill < 20; kill++) {
      const victim = workspace.start(['reconcile']);
      const exited = new Promise((resolve) => victim.on('exit', resolve));
      await new Promise((resolve) => setTimeout(resolve, 60 + ((kill * 37) % 220)));
      victim.kill('SIGKILL');
      await exited;
      if (kill % 5 === 0) await workspace.runBeside(['report', 'failed', '-s', `agent/${kill}`]);
    }
    await workspace.runBeside(['reconcile']);
    await workspace.runBeside(['reconcile']);
    expect(
      [...received().values()].filter((times) => times > 1),
      'the receiver does not ignore repeated keys',
    ).toEqual([]);
    const outcomes = receipts();
    expect(outcomes).toHaveLength(124);
    expect(new Set(outcomes.map(({ notice }) => notice)).size).toBe(124);
    for (const { notice, status } of outcomes) {
      if (status === 'acked') expect(received().get(notice), notice).toBe(1);
      else expect(status, notice).toBe('blocked');
    }
    const handoffs = readdirSync(join(workspace.state, 'handoffs')).flatMap((day) => readdirSync(join(workspace.state, 'handoffs', day)));
    expect(handoffs).toHaveLength(124);
    const { counts, blocked } = workspace.status();
    expect(counts).toMatchObject({ events: 124, undecided: 0, queued: 0 });
    for (const { reason } of blocked) expect(reason).toBe('indeterminate');
  });
});
