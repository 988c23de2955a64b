import { setTimeout as sleep } from 'node:timers/promises';
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
  const once = () =>
    post({ url: new URL(receiver.origin), headers: { 'content-length': 2 }, body: Buffer.from('{}') }, connections, new AbortController().signal);
  await once();
  // The connection is let go when the answer was read to its end.
  await sleep(50);
  const before = receiver.connections;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, IDLE_MS + 10);
  expect(await once()).toMatchObject({ kind: 'answered' });
  expect(receiver.connections).toBe(before + 1);
});
