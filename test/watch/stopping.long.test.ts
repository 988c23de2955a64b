import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CliWorkspace, failures } from '../support/cli-workspace.ts';
import { artifactsOf, eventually, type HoldingReceiver, holdingReceiver, sleep, Watching } from '../support/watching.ts';

let workspace: CliWorkspace;
let receiver: HoldingReceiver;
let watching: Watching;

beforeEach(async () => {
  workspace = new CliWorkspace();
  receiver = await holdingReceiver();
  workspace.bindWebhook(receiver.origin);
});
afterEach(async () => {
  await watching.kill();
  receiver.close();
  workspace.remove();
});

const receipts = (): string[] => artifactsOf(workspace.state, 'receipts');
const acked = (): string[] => receipts().filter((path) => path.endsWith('.acked.json'));
const held = (count = 1) => eventually('an attempt under way', () => receiver.ids.length >= count);

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  const number = signal === 'SIGTERM' ? 15 : 2;

  it('while it sleeps ends it with 0', async () => {
    watching = await Watching.ready(workspace.root);
    await sleep(300);
    expect(await watching.stop(signal)).toBe(0);
    expect(watching.facts.at(-1)).toMatchObject({ fact: 'stopped', signal });
  });

  it('while an attempt is under way waits for it and writes down what came of it', async () => {
    workspace.run(['report', 'failed', '-s', 'job/x']);
    watching = await Watching.ready(workspace.root);
    await held();
    watching.signal(signal);
    await sleep(500);
    expect(watching.child.exitCode).toBe(null);
    receiver.release();
    expect(await watching.ended).toBe(0);
    expect(acked()).toHaveLength(1);
    expect(watching.facts.map(({ fact }) => fact)).toEqual(['started', 'pass', 'receipt', 'stopped']);
  });

  it('a second time ends it at once', async () => {
    workspace.run(['report', 'failed', '-s', 'job/x']);
    watching = await Watching.ready(workspace.root);
    await held();
    watching.signal(signal);
    await sleep(200);
    watching.signal(signal);
    expect(await watching.ended).toBe(128 + number);
    expect(receipts()).toHaveLength(0);
  });
});

it('waits no longer than the time limit of the sender, begins nothing more, and the next run goes on where it stopped', async () => {
  const binding = join(workspace.root, 'bindings', 'default.yaml');
  const settings =
    'use: webhook\n      timeLimit: 4s\n      concurrency: 4\n      idempotent: true\n      retry: { attempts: 5, initial: 1s, factor: 1 }';
  writeFileSync(binding, readFileSync(binding, 'utf8').replace('use: webhook', settings));
  workspace.run(['ingest', 'cloudevents'], { input: failures(300) });
  watching = await Watching.ready(workspace.root);
  await held(4);
  await sleep(500);
  const asked_ms = performance.now();
  // With four at a time, three hundred attempts of four seconds each would take five minutes.
  expect(await watching.stop()).toBe(0);
  expect(performance.now() - asked_ms).toBeLessThan(30_000);
  expect(artifactsOf(workspace.state, 'receipts')).toEqual([]);
  receiver.release();
  watching = await Watching.ready(workspace.root);
  await eventually('all receipts', () => acked().length === 300, 60_000);
  expect(receipts()).toHaveLength(300);
}, 120_000);

describe('a reader that has gone', () => {
  it('does not end it', async () => {
    receiver.release();
    watching = await Watching.ready(workspace.root);
    watching.child.stdout?.destroy();
    for (let i = 1; i <= 3; i++) {
      workspace.runBeside(['report', 'failed', '-s', `job/${i}`]);
      await eventually('a receipt', () => acked().length === i);
    }
    expect(watching.child.exitCode).toBe(null);
    expect(await watching.stop()).toBe(0);
  });

  it('or that does not read does not keep it from working or from stopping', async () => {
    receiver.release();
    watching = await Watching.ready(workspace.root);
    watching.child.stdout?.pause();
    writeFileSync(join(workspace.root, 'many.ndjson'), failures(1_500));
    await workspace.runBeside(['ingest', 'cloudevents', join(workspace.root, 'many.ndjson')]);
    await eventually('all receipts', () => acked().length === 1_500, 600_000);
    watching.signal('SIGTERM');
    await eventually('its end', () => watching.child.exitCode !== null);
    expect(watching.child.exitCode).toBe(0);
    watching.child.stdout?.resume();
  }, 900_000);
});
