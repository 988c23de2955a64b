import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import { selfSigned } from '../../../test/support/loopback-certificate.ts';
import { startReceiver } from '../../../test/support/loopback-receiver.ts';
import { Connections, IDLE_MS } from './connections.ts';
import { guardFor } from './guard.ts';
import { type Posted, post } from './post.ts';

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function postTo(url: string, ca?: string): Promise<Posted> {
  const connections = new Connections({ guard: guardFor(['127.0.0.1']), ...(ca === undefined ? {} : { ca }) });
  opened.push(() => connections.close());
  const body = Buffer.from('{}');
  return post({ url: new URL(url), headers: { 'content-length': body.length }, body }, connections, new AbortController().signal);
}

it('speaks TLS with a receiver whose certificate it trusts', async () => {
  const tls = selfSigned();
  const receiver = await startReceiver(undefined, tls);
  opened.push(receiver.close);
  expect(await postTo(receiver.origin, tls.cert)).toMatchObject({ kind: 'answered', status: 200 });
});

it('tells nothing to a receiver whose certificate it does not trust', async () => {
  const receiver = await startReceiver(undefined, selfSigned());
  opened.push(receiver.close);
  expect(await postTo(receiver.origin)).toMatchObject({ kind: 'unsent', why: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT') });
  await sleep(200);
  expect(receiver.requests).toEqual([]);
});

it('tells nothing to a receiver whose certificate is for somebody else', async () => {
  const tls = selfSigned();
  const receiver = await startReceiver(undefined, tls);
  opened.push(receiver.close);
  expect(await postTo(receiver.origin.replace('127.0.0.1', 'localhost'), tls.cert)).toMatchObject({
    kind: 'unsent',
    why: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
  });
  await sleep(200);
  expect(receiver.requests).toEqual([]);
});

it('knows that TLS is lost only after it was there', async () => {
  const tls = selfSigned();
  const receiver = await startReceiver(['reset after body'], tls);
  opened.push(receiver.close);
  expect(await postTo(receiver.origin, tls.cert)).toMatchObject({ kind: 'lost' });
});

it('uses no connection that has waited for long, also where no timer could run meanwhile', async () => {
  const receiver = await startReceiver();
  opened.push(receiver.close);
  const connections = new Connections({ guard: guardFor(['127.0.0.1']) });
  opened.push(() => connections.close());
  const request = () =>
    post({ url: new URL(receiver.origin), headers: { 'content-length': 2 }, body: Buffer.from('{}') }, connections, new AbortController().signal);
  await request();
  // The connection is let go when the answer was read to its end.
  await sleep(50);
  const before = receiver.connections;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, IDLE_MS + 10);
  expect(await request()).toMatchObject({ kind: 'answered' });
  expect(receiver.connections).toBe(before + 1);
});

/** Answers after 50 ms and closes the connection right after that, in a thread of its own: it goes on while this one stands still. */
const CLOSING_SERVER = `
  const { createServer } = require('node:net');
  const { parentPort } = require('node:worker_threads');
  const answer = (socket) => {
    socket.write('HTTP/1.1 200 OK\\r\\nconnection: keep-alive\\r\\ncontent-length: 2\\r\\n\\r\\n{}', () => setTimeout(() => socket.destroy(), 20));
  };
  const server = createServer((socket) => socket.on('error', () => {}).once('data', () => setTimeout(answer, 50, socket)));
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

it('uses no connection whose end it could not read yet, as it stood still', async () => {
  const server = new Worker(CLOSING_SERVER, { eval: true });
  opened.push(() => server.terminate());
  const [port] = (await once(server, 'message')) as [number];
  const connections = new Connections({ guard: guardFor(['127.0.0.1']) });
  opened.push(() => connections.close());
  const request = { url: new URL(`http://127.0.0.1:${port}`), headers: { 'content-length': 2 }, body: Buffer.from('{}') };
  const again = post(request, connections, new AbortController().signal).then(() => post(request, connections, new AbortController().signal));
  await sleep(25);
  // The answer and the end of the connection come in meanwhile, and are read one after the other.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  expect(await again).toMatchObject({ kind: 'answered' });
});
