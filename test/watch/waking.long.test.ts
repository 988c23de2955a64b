import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CliWorkspace } from '../support/cli-workspace.ts';
import { OK, type Receiver, startReceiver } from '../support/loopback-receiver.ts';
import { artifactsOf, drop, eventually, failedEvent, sleep, Watching } from '../support/watching.ts';

/** So far away that whatever happens here is not its doing. */
const NO_RESCAN = ['--rescan', '1h'];

let workspace: CliWorkspace;
let receiver: Receiver | undefined;
let watching: Watching;

beforeEach(() => {
  workspace = new CliWorkspace();
});
afterEach(async () => {
  await watching.kill();
  await receiver?.close();
  workspace.remove();
});

const receiptOf = (subject: string) => watching.fact('receipt', ({ notice }) => noticesFor(subject).includes(String(notice)));
const noticesFor = (subject: string): string[] =>
  artifactsOf(workspace.state, 'queue').flatMap((path) => {
    const notice = JSON.parse(readFileSync(join(workspace.state, path), 'utf8'));
    return JSON.stringify(notice).includes(subject) ? [notice.id] : [];
  });
const lastPass = (): string => readFileSync(join(workspace.state, '.pass.json'), 'utf8');

it('reconciles at once', async () => {
  workspace.run(['report', 'failed', '-s', 'job/before']);
  watching = await Watching.ready(workspace.root, NO_RESCAN);
  expect(await watching.fact('pass')).toMatchObject({ woken: ['start'], events: 1, notices: 1 });
});

it('is woken by another process that records something, and then sleeps again', async () => {
  watching = await Watching.ready(workspace.root, NO_RESCAN);
  workspace.run(['report', 'failed', '-s', 'job/x']);
  await receiptOf('job/x');
  expect((await watching.fact('pass')).woken).toContain('bell');
  // Publishing rings the bell that wakes us; that must come to an end.
  await sleep(1_500);
  const before = lastPass();
  await sleep(1_500);
  expect(lastPass()).toBe(before);
  expect(watching.facts.filter(({ fact }) => fact === 'pass')).toHaveLength(1);
});

it('is woken by a file in the drop folder, which anybody may have made', async () => {
  watching = await Watching.ready(workspace.root, NO_RESCAN);
  expect(statSync(join(workspace.state, 'inbox')).mode & 0o777).toBe(0o700);
  drop(workspace.root, 'a.json', failedEvent('dropped'));
  await receiptOf('job/dropped');
  await eventually('an empty drop folder', () => readdirSync(join(workspace.state, 'inbox')).length === 0);
});

it('puts bad drops aside with a reason, and goes on', async () => {
  watching = await Watching.ready(workspace.root, NO_RESCAN);
  const bad = { empty: '', half: '{"specversion":"1.0","id":', text: 'hello', other: '{"a":1}', huge: `"${'x'.repeat(9 * 1024 * 1024)}"` };
  for (const [name, content] of Object.entries(bad)) drop(workspace.root, `${name}.json`, content);
  drop(workspace.root, 'good.json', failedEvent('good'));
  for (const name of Object.keys(bad)) await watching.fact('quarantined', ({ path }) => path === `inbox/${name}.json`);
  await receiptOf('job/good');
});

it('takes thousands of drops at once', async () => {
  watching = await Watching.ready(workspace.root, NO_RESCAN);
  for (let i = 0; i < 2_000; i++) drop(workspace.root, `${i}.json`, failedEvent(`many-${i}`));
  const receipts = () => artifactsOf(workspace.state, 'receipts');
  await eventually('2,000 receipts', () => receipts().length >= 2_000, 600_000);
  await eventually('an empty drop folder', () => readdirSync(join(workspace.state, 'inbox')).length === 0);
  expect(receipts()).toHaveLength(2_000);
  expect(artifactsOf(workspace.state, 'quarantine')).toEqual([]);
}, 900_000);

it('tries again at the time that was said, without being woken', async () => {
  receiver = await startReceiver([{ status: 503 }, OK]);
  workspace.bindWebhook(receiver.origin);
  const binding = join(workspace.root, 'bindings', 'default.yaml');
  writeFileSync(binding, readFileSync(binding, 'utf8').replace('use: webhook', 'use: webhook\n      retry: { attempts: 3, initial: 2s, factor: 1 }'));
  watching = await Watching.ready(workspace.root, NO_RESCAN);
  workspace.run(['report', 'failed', '-s', 'job/x'], { input: '' });
  const first = await watching.fact('pass', ({ deferred }) => deferred === 1);
  const second = await watching.fact('pass', ({ woken }) => Array.isArray(woken) && woken.includes('due'));
  expect(second).toMatchObject({ receipts: { acked: 1 } });
  expect(Date.parse(second.at)).toBeGreaterThanOrEqual(Date.parse(String(first['nextDue'])));
  expect(receiver.requests).toHaveLength(2);
});

it('tells each fact on one line of JSON', async () => {
  workspace.run(['report', 'failed', '-s', 'job/x', '--summary', 'two\nlines\u001b[2J']);
  watching = await Watching.ready(workspace.root, NO_RESCAN);
  await watching.fact('pass');
  await watching.stop();
  expect(watching.facts.map(({ fact }) => fact)).toEqual(['started', 'receipt', 'pass', 'stopped']);
  for (const { at } of watching.facts) expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(watching.stderr).toBe('');
});
