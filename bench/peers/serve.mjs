// What every peer that is a worker in Node does alike: works when it is told to, says how long it took, and posts to the receiver.
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Settings of this run: `{url, bodyBytes, socket, connection}`, whichever the peer needs. */
export const settings = JSON.parse(process.argv[2] ?? '{}');

/** So many posts at once, as the program's own sender has. */
export const CONCURRENCY = 32;
const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });

/** The bodies of `count` notices, each as large as the program's own. */
export function bodies(count) {
  return Array.from({ length: count }, (_, i) => {
    const body = { id: i, text: '' };
    body.text = 'x'.repeat(Math.max(0, settings.bodyBytes - JSON.stringify(body).length));
    return body;
  });
}

/** Posts one body over a connection that is kept; resolves when the receiver has answered 200, and rejects if it answered anything else. */
export function post(body) {
  return new Promise((resolve, reject) => {
    const bytes = Buffer.from(JSON.stringify(body));
    const headers = { 'content-type': 'application/json', 'content-length': bytes.length };
    const call = request(settings.url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.on('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error(`status ${answer.statusCode}`))));
    });
    call.on('error', reject);
    call.end(bytes);
  });
}

/** Asks again until the answer is yes. */
export async function until(isDone) {
  for (let left = 60_000; !(await isDone()); left--) {
    if (left === 0) throw new Error('it never came to its end');
    await sleep(0.5);
  }
}

/** `work(count)` hands in so many notices and resolves when all are delivered and recorded as done. */
export function serve(work) {
  process.on('message', async ({ count }) => {
    try {
      const start = performance.now();
      await work(count);
      process.send({ ms: performance.now() - start });
    } catch (error) {
      process.send({ error: String(error?.stack ?? error) });
    }
  });
  process.on('disconnect', () => process.exit(0));
  process.send({ ready: true });
}
