import { fork } from 'node:child_process';
import { once } from 'node:events';
import { liveApplier } from '../src/run/applier.ts';
import { recordAll } from '../src/run/record.ts';
import { Publisher } from '../src/store/publish.ts';
import { failures, freshWorkspace, pass, webhookCatalog } from './workload.ts';
export async function main() {
  process.env['RGOV_BENCH_SECRET'] ??= `whsec_${Buffer.from('bench-secret-bench-secret').toString('base64')}`;
  const child = fork('/work/main/bench/receiver.mjs', { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const [port] = await once(child.stdout as NodeJS.ReadableStream, 'data');
  for (let i = 0; i < 6; i++) {
  const workspace = freshWorkspace('/mnt/bench', webhookCatalog(Number(String(port).trim())));
  const live = liveApplier(workspace, Date.now);
  const a = performance.now(), c = process.cpuUsage();
  await recordAll(workspace.layout, new Publisher(workspace.layout, 'emitter'), failures(1000), Date.now());
  const b = performance.now(), d = process.cpuUsage(c);
  await pass(workspace, live);
  const e = performance.now(), f = process.cpuUsage(c);
  live.close();
  console.log(`record ${(b-a).toFixed(0)}ms cpu u${(d.user/1000).toFixed(0)} s${(d.system/1000).toFixed(0)} | pass ${(e-b).toFixed(0)}ms cpu u${((f.user-d.user)/1000).toFixed(0)} s${((f.system-d.system)/1000).toFixed(0)}`);
  }
  child.disconnect();
}
