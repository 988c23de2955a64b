import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CliWorkspace, failures } from '../support/cli-workspace.ts';
import { type Receiver, startReceiver } from '../support/loopback-receiver.ts';
import { artifactsOf, eventually, Watching } from '../support/watching.ts';

const CHUNKS = 10;
const EVENTS_A_CHUNK = 100;
const EVENTS = CHUNKS * EVENTS_A_CHUNK;

let workspace: CliWorkspace;
let receiver: Receiver;
const watching: Watching[] = [];

beforeEach(async () => {
  workspace = new CliWorkspace();
  receiver = await startReceiver();
  workspace.bindWebhook(receiver.origin);
});
afterEach(async () => {
  await Promise.all(watching.splice(0).map((one) => one.kill()));
  await receiver.close();
  workspace.remove();
});

it(`two watch and ten reconcile processes over ${EVENTS} events send every notice exactly once`, async () => {
  watching.push(...(await Promise.all([Watching.ready(workspace.root), Watching.ready(workspace.root)])));
  let recording = true;
  const recorder = (async () => {
    for (let i = 0; i < CHUNKS; i++) {
      const file = join(workspace.root, `chunk-${i}.ndjson`);
      writeFileSync(file, failures(EVENTS_A_CHUNK, `chunk-${i}`));
      const { code, stderr } = await workspace.runBeside(['ingest', 'cloudevents', file]);
      expect(code, stderr).toBe(0);
    }
    recording = false;
  })();
  const reconcilers = Array.from({ length: 10 }, async () => {
    do {
      const { code, stderr } = await workspace.runBeside(['reconcile']);
      expect(code, stderr).toBe(0);
    } while (recording);
  });
  await Promise.all([recorder, ...reconcilers]);
  const receipts = (): string[] => artifactsOf(workspace.state, 'receipts');
  await eventually('all receipts', () => receipts().length >= EVENTS, 120_000);
  for (const one of watching) expect(await one.stop(), one.stderr).toBe(0);

  const others = receipts().filter((path) => !path.endsWith('.1.acked.json'));
  expect(others.map((path) => readFileSync(join(workspace.state, path), 'utf8'))).toEqual([]);
  const times = new Map<string, number>();
  for (const { headers } of receiver.requests) times.set(headers['webhook-id'] ?? '', (times.get(headers['webhook-id'] ?? '') ?? 0) + 1);
  expect([...times].filter(([, n]) => n !== 1)).toEqual([]);
  expect(times.size).toBe(EVENTS);
  expect(workspace.status()).toMatchObject({ counts: { events: EVENTS, undecided: 0, notices: EVENTS, acked: EVENTS, blocked: 0 }, quarantined: [] });
  for (const one of watching) expect(one.facts.filter(({ fact }) => fact === 'pass_failed' || fact === 'failure')).toEqual([]);
}, 300_000);
