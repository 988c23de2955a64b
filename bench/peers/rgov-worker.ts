import { mkdirSync } from 'node:fs';
import { liveApplier } from '../../src/run/applier.ts';
import { recordAll, recordOne } from '../../src/run/record.ts';
import { Publisher } from '../../src/store/publish.ts';
import { failures, freshWorkspace, pass, webhookCatalog } from '../workload.ts';

/** This program as the peers are measured: a process of its own that does so many notices when it is told to. */
interface Settings {
  folder: string;
  port: number;
}

const { folder, port } = JSON.parse(process.argv[2] ?? '{}') as Settings;
process.env['RGOV_BENCH_SECRET'] ??= `whsec_${Buffer.from('bench-secret-bench-secret').toString('base64')}`;
mkdirSync(folder, { recursive: true });
const catalog = webhookCatalog(port);
let singles: ReturnType<typeof warmProcess> | undefined;
let drawn = 0;

process.on('message', ({ count }: { count: number }) => {
  const work = count === 1 ? single() : many(count);
  work.then(
    (ms) => process.send?.({ ms }),
    (error: Error) => process.send?.({ error: error.stack }),
  );
});
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });

/** As `ingest` and `reconcile` do it: all recorded, then one pass; a fresh state each time. */
async function many(count: number): Promise<number> {
  const workspace = freshWorkspace(folder, catalog);
  const drafts = failures(count);
  const start = performance.now();
  await recordAll(workspace.layout, new Publisher(workspace.layout, 'emitter'), drafts, Date.now());
  const live = liveApplier(workspace, Date.now);
  const report = await pass(workspace, live);
  await live.close();
  const ms = performance.now() - start;
  const acked = report.receipts.filter(({ status }) => status === 'acked').length;
  if (acked !== count) throw new Error(`${acked} of ${count} notices were acked`);
  return ms;
}

/** As `watch` does it: the process is warm; from the report that is handed in until the receipt is durable. */
async function single(): Promise<number> {
  singles ??= warmProcess();
  const { workspace, live, emitter } = singles;
  const [draft] = failures(1, drawn++);
  if (!draft) throw new Error('there is no draft');
  let durable = 0;
  singles.onReceipt = () => {
    durable = performance.now();
  };
  const start = performance.now();
  recordOne(emitter, draft, Date.now());
  await pass(workspace, live);
  if (durable === 0) throw new Error('there is no receipt');
  return durable - start;
}

function warmProcess() {
  const workspace = freshWorkspace(folder, catalog);
  const live = liveApplier(workspace, Date.now);
  const emitter = new Publisher(workspace.layout, 'emitter');
  const warm = { workspace, live, emitter, onReceipt: (): void => {} };
  const { publisher } = live.applier;
  const publishAll = publisher.publishAll.bind(publisher);
  publisher.publishAll = async (items) => {
    const results = await publishAll(items);
    if (items.some(({ publication }) => publication.kind === 'receipt')) warm.onReceipt();
    return results;
  };
  return warm;
}
