import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { dayOf } from '../src/model/names.ts';
import { type Publication, publication } from '../src/model/publication.ts';
import { liveApplier } from '../src/run/applier.ts';
import { recordAll, recordOne } from '../src/run/record.ts';
import { Publisher } from '../src/store/publish.ts';
import { filesBelow } from '../test/support/files.ts';
import { median, percentile, type Row, timed } from './measure.ts';
import { startReceiver } from './receiver.ts';
import { makeUnsynced } from './unsynced.ts';
import { failures, freshWorkspace, pass, removeAll, webhookCatalog } from './workload.ts';

const NOTICES = 1_000;
const ROUNDS = 5;
const SINGLES = 200;
const BARE_BATCH = 256;

/** Whole chain and bare publishing of the same files in turn, then single notices in the warm process. */
export async function measureChain(base: string, receiver: string): Promise<Row[]> {
  process.env['RGOV_BENCH_SECRET'] ??= `whsec_${Buffer.from('bench-secret-bench-secret').toString('base64')}`;
  const { port, stop } = await startReceiver(receiver);
  const catalog = webhookCatalog(port);
  const folder = mkdtempSync(join(base, 'chain-'));
  const chain: number[] = [];
  const bare: number[] = [];
  const unsynced: number[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const workspace = freshWorkspace(folder, catalog);
    const drafts = failures(NOTICES);
    const chain_ms = await timed(async () => {
      await recordAll(workspace.layout, new Publisher(workspace.layout, 'emitter'), drafts, Date.now());
      const live = liveApplier(workspace, Date.now);
      const report = await pass(workspace, live);
      await live.close();
      const acked = report.receipts.filter(({ status }) => status === 'acked').length;
      if (acked !== NOTICES) throw new Error(`${acked} of ${NOTICES} notices were acked`);
    });
    const files = Object.entries(filesBelow(workspace.layout.root)).filter(([path]) => !path.startsWith('subjects/'));
    if (files.length !== NOTICES * 5) throw new Error(`${files.length} files, expected ${NOTICES * 5}`);
    const copies = files.map(([path, text]) => copyOf(path, text));
    const target = freshWorkspace(folder, catalog);
    const bare_ms = await timed(async () => {
      const publisher = new Publisher(target.layout, 'bare');
      for (let i = 0; i < copies.length; i += BARE_BATCH)
        await publisher.publishAll(copies.slice(i, i + BARE_BATCH).map((item) => ({ chain: item.file, publication: item })));
    });
    const unsynced_ms = await timed(() => makeUnsynced(mkdtempSync(join(folder, 'unsynced-')), copies));
    // The first round warms everything up.
    if (round < 0) continue;
    chain.push((NOTICES / chain_ms) * 1000);
    bare.push((copies.length / bare_ms) * 1000);
    unsynced.push((copies.length / unsynced_ms) * 1000);
  }
  const singles = await measureSingles(folder, catalog);
  stop();
  removeAll(folder);
  const peakMiB = (process.resourceUsage().maxRSS / 1024).toFixed(0);
  const singleRatios = singles.chain.map((ms, i) => ms / (singles.bare[i] as number));
  const ratios = chain.map((rate, i) => (rate * 5) / (bare[i] as number));
  return [
    {
      what: `whole chain, ${NOTICES} notices to a loopback webhook`,
      median: `${median(chain).toFixed(0)} notices/s`,
      spread: range(chain),
      ratio: `${median(ratios).toFixed(2)} of bare`,
      goal: '>= 0.80 of bare',
    },
    {
      what: `bare durable publishing of the same ${NOTICES * 5} files`,
      median: `${median(bare).toFixed(0)} files/s`,
      spread: range(bare),
      ratio: '1',
      goal: '',
    },
    {
      what: `the same ${NOTICES * 5} files made and linked in one process without any sync`,
      median: `${median(unsynced).toFixed(0)} files/s`,
      spread: range(unsynced),
      ratio: `${median(unsynced.map((rate, i) => rate / (bare[i] as number))).toFixed(2)} of bare, or ${(median(unsynced) / 5).toFixed(0)} notices/s`,
      goal: '',
    },
    {
      what: 'one notice, from report durable to receipt durable, warm process',
      median: `${median(singles.chain).toFixed(2)} ms`,
      spread: milliseconds(singles.chain),
      ratio: `${median(singleRatios).toFixed(2)} of bare`,
      goal: '<= 3 ms',
    },
    {
      what: 'bare durable publishing of its four files, in turn with it',
      median: `${median(singles.bare).toFixed(2)} ms`,
      spread: milliseconds(singles.bare),
      ratio: '1',
      goal: '',
    },
    { what: `peak memory of the process that did all of this`, median: `${peakMiB} MiB`, spread: '', ratio: '', goal: '' },
  ];
}

const milliseconds = (values: readonly number[]): string => `${Math.min(...values).toFixed(2)} .. p99 ${percentile(values, 99).toFixed(2)}`;
export const range = (values: readonly number[]): string => `${Math.min(...values).toFixed(0)} .. ${Math.max(...values).toFixed(0)}`;

/** The same name and the same bytes in another tree. */
export function copyOf(path: string, text: string): Publication {
  const [stage, , file] = path.split('/') as ['events', string, string];
  const copy = publication('event', stage, file, file, JSON.parse(text));
  return { ...copy, day: dayOf(file), bytes: text };
}

interface Singles {
  chain: number[];
  /** The same four files behind the same two barriers, and nothing else. */
  bare: number[];
}

/** Notices one by one in the warm process, each until its receipt is durable; beside each the bare publishing of its files. */
async function measureSingles(folder: string, catalog: ReturnType<typeof webhookCatalog>): Promise<Singles> {
  const workspace = freshWorkspace(folder, catalog);
  const live = liveApplier(workspace, Date.now);
  const { publisher } = live.applier;
  const publishAll = publisher.publishAll.bind(publisher);
  let published: Publication[] = [];
  let receiptDurable = 0;
  publisher.publishAll = async (items) => {
    const results = await publishAll(items);
    published.push(...items.map(({ publication: item }) => item));
    if (items.some(({ publication: item }) => item.kind === 'receipt')) receiptDurable = performance.now();
    return results;
  };
  const emitter = new Publisher(workspace.layout, 'emitter');
  const target = new Publisher(freshWorkspace(folder, catalog).layout, 'bare');
  const singles: Singles = { chain: [], bare: [] };
  for (const draft of failures(SINGLES + 20)) {
    recordOne(emitter, draft, Date.now());
    published = [];
    const start = performance.now();
    await pass(workspace, live);
    singles.chain.push(receiptDurable - start);
    const again = published.map((item) => ({ chain: item.file, publication: item }));
    singles.bare.push(
      await timed(async () => {
        await target.publishAll(again.slice(0, -1));
        await target.publishAll(again.slice(-1));
      }),
    );
  }
  await live.close();
  return { chain: singles.chain.slice(20), bare: singles.bare.slice(20) };
}
