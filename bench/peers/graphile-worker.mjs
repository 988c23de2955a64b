// graphile-worker: all notices with one addJobs (one transaction), one worker in the same process. A job is done when its
// row is gone, which others see only after the commit is on disk.
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import pg from 'pg';
import { bodies, CONCURRENCY, post, serve, settings, until } from './serve.mjs';

const pgPool = new pg.Pool({ ...settings.connection, max: CONCURRENCY + 4 });
pgPool.on('error', (error) => console.error(error));
pgPool.on('connect', (client) => client.on('error', () => {}));
const watcher = new pg.Client(settings.connection);
await watcher.connect();
const logger = new Logger(() => () => {});
const batching = settings.batched ? { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } : {};
const shared = { pgPool, preset: { worker: { concurrentJobs: CONCURRENCY, ...batching } }, logger };
const utils = await makeWorkerUtils(shared);
await utils.migrate();
let left = 0;
let finish = () => {};
let fail = () => {};
const runner = await run({ ...shared, noHandleSignals: true, taskList: { notice: (payload) => post(payload) } });
runner.events.on('job:complete', ({ error }) => {
  if (error) fail(error);
  if (--left === 0) finish();
});

async function isEmpty() {
  const { rows } = await watcher.query('select exists (select from graphile_worker._private_jobs) as "any"');
  return !rows[0].any;
}

serve(async (count) => {
  left = count;
  const done = new Promise((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  await utils.addJobs(bodies(count).map((payload) => ({ identifier: 'notice', payload })));
  await done;
  await until(isEmpty);
});
