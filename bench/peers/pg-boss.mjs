// pg-boss: all notices with one insert, one worker that fetches batches, posts those of a batch side by side and completes
// them with one statement. It looks every half a second at most; notifyWorker() wakes it, which works within one process only.
import pg from 'pg';
import PgBoss from 'pg-boss';
import { bodies, CONCURRENCY, post, serve, settings, until } from './serve.mjs';

const QUEUE = 'notices';
const boss = new PgBoss({ ...settings.connection, max: 10, supervise: false, schedule: false });
boss.on('error', (error) => console.error(error));
await boss.start();
await boss.createQueue(QUEUE);
const watcher = new pg.Client(settings.connection);
await watcher.connect();
let left = 0;
let finish = () => {};
const BATCH = 250;

const worker = await boss.work(QUEUE, { batchSize: BATCH, pollingIntervalSeconds: 0.5 }, async (jobs) => {
  let next = 0;
  const lane = async () => {
    while (next < jobs.length) await post(jobs[next++].data);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
  left -= jobs.length;
  if (left === 0) finish();
  else boss.notifyWorker(worker);
});

async function isEmpty() {
  const { rows } = await watcher.query(`select exists (select from pgboss.job where name = $1 and state <> 'completed') as "any"`, [QUEUE]);
  return !rows[0].any;
}

serve(async (count) => {
  left = count;
  const done = new Promise((resolve) => {
    finish = resolve;
  });
  await boss.insert(bodies(count).map((data) => ({ name: QUEUE, data })));
  boss.notifyWorker(worker);
  await done;
  await until(isEmpty);
});
