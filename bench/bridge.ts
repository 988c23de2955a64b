import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Catalog, ResolvedSender } from '../src/model/catalog.ts';
import type { Publication } from '../src/model/publication.ts';
import { liveApplier } from '../src/run/applier.ts';
import { bridgePass } from '../src/run/bridge.ts';
import { recordAll } from '../src/run/record.ts';
import { Publisher } from '../src/store/publish.ts';
import { filesBelow } from '../test/support/files.ts';
import { copyOf, range } from './chain.ts';
import { median, type Row, timed } from './measure.ts';
import { startReceiver } from './receiver.ts';
import { failures, freshWorkspace, pass, removeAll, webhookCatalog } from './workload.ts';

const NOTICES = 1_000;
const ROUNDS = 5;
const BARE_BATCH = 256;
const FAST = 300;
/** Two rounds of sixteen: two seconds. */
const SLOW = 32;
const SLOW_MS = 1_000;

/** A bridge that is a process of its own, and a slow sender beside a fast one. */
export async function measureBridge(base: string, receiver: string): Promise<Row[]> {
  process.env['RGOV_BENCH_SECRET'] ??= `whsec_${Buffer.from('bench-secret-bench-secret').toString('base64')}`;
  const { port, stop } = await startReceiver(receiver);
  const folder = mkdtempSync(join(base, 'bridge-'));
  const rows = [...(await measureDraining(folder, port)), ...(await measureSlowBesideFast(folder, port))];
  stop();
  removeAll(folder);
  return rows;
}

/** 1,000 handoffs that wait: claimed, sent, and their receipts durable; beside it the bare publishing of the same two files each. */
async function measureDraining(folder: string, port: number): Promise<Row[]> {
  const catalog = withSenders(webhookCatalog(port), (hook) => ({ hook: { ...hook, bridge: 'process' } }));
  const drained: number[] = [];
  const bare: number[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const workspace = freshWorkspace(folder, catalog);
    await recordAll(workspace.layout, new Publisher(workspace.layout, 'emitter'), failures(NOTICES), Date.now());
    const governance = liveApplier(workspace, Date.now);
    await pass(workspace, governance);
    await governance.close();
    const before = new Set(Object.keys(filesBelow(workspace.layout.root)));
    const drained_ms = await timed(async () => {
      const live = liveApplier(workspace, Date.now);
      const report = await bridgePass(workspace, live, { sender: 'hook', clock: Date.now });
      await live.close();
      const acked = report.receipts.filter(({ status }) => status === 'acked').length;
      if (acked !== NOTICES) throw new Error(`${acked} of ${NOTICES} notices were acked`);
    });
    const files = Object.entries(filesBelow(workspace.layout.root)).filter(([path]) => /^(handoffs|receipts)\//.test(path) && !before.has(path));
    if (files.length !== NOTICES * 2) throw new Error(`${files.length} files, expected ${NOTICES * 2}`);
    const bare_ms = await publishBare(
      files.map(([path, text]) => copyOf(path, text)),
      new Publisher(freshWorkspace(folder, catalog).layout, 'bare'),
    );
    if (round < 0) continue;
    drained.push((NOTICES / drained_ms) * 1000);
    bare.push((files.length / bare_ms) * 1000);
  }
  const ratios = drained.map((rate, i) => (rate * 2) / (bare[i] as number));
  return [
    {
      what: `a bridge of its own: ${NOTICES} waiting notices to a loopback webhook`,
      median: `${median(drained).toFixed(0)} notices/s`,
      spread: range(drained),
      ratio: `${median(ratios).toFixed(2)} of bare`,
      goal: '',
    },
    {
      what: `bare durable publishing of its ${NOTICES * 2} files (claim and receipt), in turn with it`,
      median: `${median(bare).toFixed(0)} files/s`,
      spread: range(bare),
      ratio: '1',
      goal: '',
    },
  ];
}

/** When the last of the fast notices has its receipt: where the others' receiver takes a second for each, and where it is as fast. */
async function measureSlowBesideFast(folder: string, port: number): Promise<Row[]> {
  const slow = createServer((request, response) => {
    request.resume();
    request.on('end', () => setTimeout(() => response.end('{"id":"slow"}'), SLOW_MS));
  });
  slow.listen(0, '127.0.0.1');
  await once(slow, 'listening');
  const url = `http://127.0.0.1:${(slow.address() as AddressInfo).port}/`;
  const even: number[] = [];
  const beside: number[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const even_ms = await fastDone(folder, twoSenders(port, {}));
    const beside_ms = await fastDone(folder, twoSenders(port, { url }));
    if (round < 0) continue;
    even.push(even_ms);
    beside.push(beside_ms);
  }
  slow.close();
  slow.closeAllConnections();
  const ratios = beside.map((ms, i) => ms / (even[i] as number));
  return [
    {
      what: `${FAST} notices to a fast sender, beside ${SLOW} to one that takes 1 s for each (16 at once)`,
      median: `${median(beside).toFixed(0)} ms`,
      spread: range(beside),
      ratio: median(ratios).toFixed(2),
      goal: 'not delayed',
    },
    {
      what: `the same where the receiver of those ${SLOW} is as fast, in turn with it`,
      median: `${median(even).toFixed(0)} ms`,
      spread: range(even),
      ratio: '1',
      goal: '',
    },
  ];
}

/** Failed jobs go to one sender, everything else to the other. */
function twoSenders(port: number, other: ResolvedSender['config']): Catalog {
  const base = withSenders(webhookCatalog(port), (hook) => ({
    hook,
    other: { ...hook, name: 'other', concurrency: 16, config: { ...hook.config, ...other } },
  }));
  return {
    ...base,
    targets: { operator: { sender: 'hook' }, archive: { sender: 'other' } },
    rules: base.rules.flatMap((rule) => [
      { ...rule, when: 'event.subject.startsWith("job/")' },
      { ...rule, id: 'other', target: 'archive', when: 'event.subject.startsWith("slow/")' },
    ]),
  };
}

/** Milliseconds from the start of the pass until the last receipt of the fast ones is durable. */
async function fastDone(folder: string, catalog: Catalog): Promise<number> {
  const workspace = freshWorkspace(folder, catalog);
  // The others come first, everywhere.
  const drafts = [...failures(SLOW).map((draft) => ({ ...draft, subject: `slow/${draft.id}`, id: `slow-${draft.id}` })), ...failures(FAST)];
  await recordAll(workspace.layout, new Publisher(workspace.layout, 'emitter'), drafts, Date.now());
  const live = liveApplier(workspace, Date.now);
  const { publisher } = live.applier;
  const publishAll = publisher.publishAll.bind(publisher);
  const start = performance.now();
  let done = 0;
  let last_ms = 0;
  publisher.publishAll = async (items) => {
    const results = await publishAll(items);
    const receipts = items.filter(({ publication: item }) => item.kind === 'receipt' && item.file.includes('_operator_')).length;
    done += receipts;
    if (receipts > 0) last_ms = performance.now() - start;
    return results;
  };
  await pass(workspace, live);
  await live.close();
  if (done !== FAST) throw new Error(`${done} of ${FAST} fast notices have a receipt`);
  return last_ms;
}

async function publishBare(copies: readonly Publication[], publisher: Publisher): Promise<number> {
  return timed(async () => {
    for (let i = 0; i < copies.length; i += BARE_BATCH)
      await publisher.publishAll(copies.slice(i, i + BARE_BATCH).map((item) => ({ chain: item.file, publication: item })));
  });
}

function withSenders(catalog: Catalog, change: (hook: ResolvedSender) => Record<string, ResolvedSender>): Catalog {
  return { ...catalog, senders: change(catalog.senders['hook'] as ResolvedSender) };
}
