import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Receipt } from '../../src/model/artifacts.ts';
import { CliWorkspace } from '../support/cli-workspace.ts';
import { type Receiver, startReceiver } from '../support/loopback-receiver.ts';

let workspace: CliWorkspace;
let receiver: Receiver;
/** The only receipt: acked, and with evidence. */
let path: string;
let honest: Receipt;

beforeEach(async () => {
  workspace = new CliWorkspace();
  receiver = await startReceiver();
  workspace.bindWebhook(receiver.origin);
  workspace.run(['report', 'failed', '-s', 'job/x']);
  await workspace.runBeside(['reconcile']);
  const day = join(workspace.state, 'receipts', readdirSync(join(workspace.state, 'receipts'))[0] as string);
  path = join(day, readdirSync(day)[0] as string);
  honest = JSON.parse(readFileSync(path, 'utf8'));
});
afterEach(async () => {
  await receiver.close();
  workspace.remove();
});

it('an honest one needs no human', () => {
  expect(honest.status).toBe('acked');
  expect(workspace.run(['status']).code).toBe(0);
  expect(workspace.status()).toMatchObject({ counts: { acked: 1 }, unreadable: [] });
});

describe('one whose name says acked is not counted as told if it', () => {
  const forgeries: Record<string, () => string> = {
    'is empty': () => '',
    'is half of one': () => readFileSync(path, 'utf8').slice(0, 300),
    'has no evidence': () => JSON.stringify({ ...honest, evidence: [] }),
    'has less evidence than is required': () => JSON.stringify({ ...honest, requires: 'seen' }),
    'claims more than its sender can prove': () => JSON.stringify({ ...honest, evidence: [{ ...honest.evidence[0], level: 'seen' }] }),
    'says itself that it is blocked': () => JSON.stringify({ ...honest, status: 'blocked', reason: 'rejected', evidence: [] }),
    'is another revision': () => JSON.stringify({ ...honest, revision: 7, previous: honest.notice }),
    'belongs to another notice': () =>
      JSON.stringify({ ...honest, notice: { ...honest.notice, path: honest.notice.path.replace(/_\w{12}\.json$/, '_000000000000.json') } }),
    'has a key too many': () => JSON.stringify({ ...honest, trust: 'me' }),
    'has a key __proto__': () => readFileSync(path, 'utf8').replace('{', '{"__proto__": {"status": "acked"},'),
  };
  it.each(Object.keys(forgeries))('%s', (forgery) => {
    writeFileSync(path, forgeries[forgery]?.() ?? '');
    const { code, stdout } = workspace.run(['status']);
    expect(code).toBe(1);
    expect(stdout).toContain('unreadable');
    expect(workspace.status().counts['acked']).toBe(0);
    const explained = workspace.run(['explain', honest.notice.path]);
    expect(`${explained.stdout}${explained.stderr}`).toContain('receipts/');
    expect(explained.stderr).not.toContain('fault of the program');
  });
});

it('one for a notice that nobody has queued is moved aside', async () => {
  const other = honest.notice.path.replace('queue/', 'receipts/').replace(/_\w{12}\.json$/, '_000000000000.1.acked.json');
  writeFileSync(join(workspace.state, other), JSON.stringify(honest));
  await workspace.runBeside(['reconcile']);
  expect(workspace.status()).toMatchObject({ quarantined: [{ path: other, reason: 'parent_missing' }] });
});
