// BullMQ: all notices with one addBulk, one worker in the same process. `completed` is told after the script that moves a
// job to the completed set has answered, and with appendfsync always Redis answers after the sync.
import { Queue, Worker } from 'bullmq';
import { bodies, CONCURRENCY, post, serve, settings } from './serve.mjs';

const connection = { path: settings.socket, maxRetriesPerRequest: null };
const queue = new Queue('notices', { connection });
const worker = new Worker('notices', ({ data }) => post(data), { connection, concurrency: CONCURRENCY });
let left = 0;
let finish = () => {};
let fail = () => {};
worker.on('completed', () => {
  if (--left === 0) finish();
});
worker.on('failed', (_, error) => fail(error));
worker.on('error', (error) => fail(error));
await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);

serve(async (count) => {
  left = count;
  const done = new Promise((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  await queue.addBulk(bodies(count).map((data) => ({ name: 'notice', data })));
  await done;
});
