import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attemptFor, NOTICE, type TestContext, testContext, until } from '../../../test/support/loopback-attempt.ts';
import { type Behaviour, OK, type Receiver, refusedOrigin, startReceiver } from '../../../test/support/loopback-receiver.ts';
import type { Outcome } from '../../model/outcome.ts';
import { IDLE_MS } from '../http-client/connections.ts';
import type { Sender } from '../sender.ts';
import { create } from './index.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
let context: TestContext;
const opened: (() => unknown)[] = [];
beforeEach(() => {
  context = testContext({ SIGNING: SECRET, TOKEN: 'Bearer canary-4711' });
});
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
  context.remove();
});

async function receive(...behaviours: Behaviour[]): Promise<Receiver> {
  const receiver = await startReceiver(behaviours);
  opened.push(receiver.close);
  return receiver;
}
function open(config: Record<string, unknown>): Sender {
  const sender = create({ allowHosts: ['127.0.0.1'], ...config }, context);
  opened.push(() => sender.close?.());
  return sender;
}
const send = (config: Record<string, unknown>, changes = {}, signal = new AbortController().signal): Promise<Outcome> =>
  open(config).attempt(attemptFor(changes), signal);

describe('what goes out', () => {
  it('is signed, and the same on every attempt but for the time', async () => {
    const receiver = await receive(OK);
    const sender = open({
      url: `${receiver.origin}/hook?a=b`,
      secret: { env: 'SIGNING' },
      headers: { Authorization: { env: 'TOKEN' }, 'X-Plain': 'yes' },
    });
    const now_ms = Date.now();
    for (const number of [1, 2]) {
      const outcome = await sender.attempt(attemptFor({ number, now_ms: now_ms + number * 1000 }), new AbortController().signal);
      expect(outcome).toEqual({ kind: 'proved', level: 'accepted', reference: 'msg-1', detail: 'answered with 200' });
    }
    const [first, second] = receiver.requests;
    expect(first).toMatchObject({
      method: 'POST',
      path: '/hook?a=b',
      headers: { 'content-type': 'application/json', authorization: 'Bearer canary-4711', 'x-plain': 'yes', 'webhook-id': NOTICE.id },
    });
    expect(second?.body).toEqual(first?.body);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.headers['webhook-timestamp']).toBe(String(Math.floor((now_ms + 2000) / 1000)));
    for (const request of receiver.requests) expect(() => new Webhook(SECRET).verify(request.body, request.headers)).not.toThrow();
    expect(receiver.connections).toBe(1);
  });

  it('goes to the address where the sender has no URL', async () => {
    const receiver = await receive({ status: 204 });
    expect(await send({}, { address: `${receiver.origin}/anna` })).toMatchObject({ kind: 'proved', reference: expect.stringMatching(/^sha256:/) });
    expect(receiver.requests[0]?.path).toBe('/anna');
    expect(receiver.requests[0]?.headers).not.toHaveProperty('webhook-signature');
  });

  it('is framed by us, whatever the settings say', async () => {
    const receiver = await receive(OK);
    expect(await send({ url: receiver.origin, headers: { 'CONTENT-LENGTH': '3', 'WEBHOOK-ID': 'x' } })).toMatchObject({ kind: 'proved' });
    expect(receiver.requests[0]?.headers['webhook-id']).toBe(NOTICE.id);
  });
});

describe('nothing went out', () => {
  it.each<[string, Record<string, unknown>, object]>([
    ['no URL', {}, {}],
    ['another protocol', {}, { address: 'file:///etc/passwd' }],
    ['no URL at all', {}, { address: 'operator@example.com' }],
    ['no such secret', { url: 'http://127.0.0.1:9', secret: { env: 'MISSING' } }, {}],
    ['a bad signing secret', { url: 'http://127.0.0.1:9', secret: { env: 'TOKEN' } }, {}],
    ['a header that cannot be sent', { url: 'http://127.0.0.1:9', headers: { 'x-a': 'one\r\ntwo: three' } }, {}],
    ['an unknown host', { url: 'http://receiver.invalid/' }, {}],
  ])('%s', async (_, config, changes) => {
    const outcome = await send(config, changes);
    expect(outcome).toMatchObject({ kind: 'retryable', reason: expect.stringMatching(/^nothing was sent/) });
    expect(JSON.stringify(outcome)).not.toMatch(/canary|passwd/);
  });

  it('connection refused', async () => {
    const origin = await refusedOrigin();
    const reason = `nothing was sent to ${origin.slice('http://'.length)}: connection refused (ECONNREFUSED)`;
    expect(await send({ url: origin })).toEqual({ kind: 'retryable', reason });
  });

  it.each<Behaviour>([{ greeting: 'SSH-2.0-OpenSSH_9.6\r\n' }, 'reset after accept'])('a TLS handshake that fails: %j', async (behaviour) => {
    const receiver = await receive(behaviour);
    expect(await send({ url: receiver.origin.replace('http:', 'https:') })).toMatchObject({ kind: 'retryable' });
  });

  it('cut off while connecting', async () => {
    // The handshake never ends: the receiver does not read.
    const receiver = await receive('hang before reading');
    const limit = new AbortController();
    const running = send({ url: receiver.origin.replace('http:', 'https:') }, {}, limit.signal);
    await until(() => receiver.connections > 0, 'the receiver accepts');
    limit.abort();
    expect(await running).toMatchObject({ kind: 'retryable', reason: expect.stringContaining('while connecting') });
  });
});

describe('nobody knows', () => {
  it.each<Behaviour>([
    'reset after body',
    'close after body',
    'half answer',
    { raw: 'SSH-2.0-OpenSSH_9.6\r\n' },
    { raw: 'HTTP/1.1 200 OK\r\ncontent-length: 5, 6\r\n\r\nhello' },
    { raw: 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n' },
    { raw: 'HTTP/1.1 500 Oops\r\ncontent-length: 100\r\n\r\nhalf' },
  ])('%j', async (behaviour) => {
    expect(await send({ url: (await receive(behaviour)).origin })).toMatchObject({ kind: 'ambiguous' });
  });

  it('reset as soon as it was accepted, unless that was before we saw the connection', async () => {
    const receiver = await receive('reset after accept');
    const outcome = await send({ url: receiver.origin });
    if (outcome.kind === 'retryable') expect(outcome.reason).toContain('nothing was sent');
    else expect(outcome.kind).toBe('ambiguous');
  });

  it.each<Behaviour>(['hang before reading', 'hang after reading', 'hang in answer'])('%s', async (behaviour) => {
    const receiver = await receive(behaviour);
    const limit = new AbortController();
    const running = send({ url: receiver.origin }, {}, limit.signal);
    await until(() => (behaviour === 'hang before reading' ? receiver.connections : receiver.requests.length) > 0, 'it arrives');
    // Long enough for the connection and the head of the answer to be seen on our side, too.
    await sleep(200);
    limit.abort();
    expect(await running).toMatchObject({ kind: 'ambiguous', reason: expect.stringContaining('time limit') });
  });

  it('a kept connection is reset at the next request', async () => {
    const receiver = await receive(OK, 'reset after body');
    const sender = open({ url: receiver.origin });
    const { signal } = new AbortController();
    expect(await sender.attempt(attemptFor(), signal)).toMatchObject({ kind: 'proved' });
    expect(await sender.attempt(attemptFor(), signal)).toMatchObject({ kind: 'ambiguous' });
    expect(receiver.requests.map((request) => request.connection)).toEqual([0, 0]);
  });
});

describe('answers of every size', () => {
  it('reads no more than it needs of an endless one', async () => {
    const outcome = await send({ url: (await receive('endless body')).origin });
    expect(outcome).toMatchObject({ kind: 'proved', level: 'accepted', reference: expect.stringMatching(/^sha256:/) });
  });

  it('repeats no part of the URL beyond its host, declared as a secret or not', async () => {
    const body = 'Cannot POST /hooks/T0123ABCD/x-y-z-1234 by anna, pass-word, query k-9876-1234';
    const receiver = await receive({ status: 404, body });
    const url = `${receiver.origin.replace('//', '//anna:pass%2Dword@')}/hooks/T0123ABCD/x-y-z-1234?k=k-9876-1234`;
    const reason = 'answered with 404: Cannot POST /[secret] by [secret], [secret], query [secret]';
    expect(await send({ url })).toEqual({ kind: 'rejected', reason });
    expect(await send({}, { address: url })).toEqual({ kind: 'rejected', reason });
  });

  it('does not name a host that is a secret', async () => {
    const origin = await refusedOrigin();
    context.secrets['URL'] = `${origin}/hook`;
    expect(await send({ url: { env: 'URL' } })).toEqual({
      kind: 'retryable',
      reason: 'nothing was sent to the receiver: connection refused (ECONNREFUSED)',
    });
  });

  it('follows no redirect', async () => {
    const elsewhere = await receive(OK);
    const receiver = await receive({ status: 307, headers: { location: `${elsewhere.origin}/new` } });
    expect(await send({ url: receiver.origin })).toMatchObject({ kind: 'rejected', reason: expect.stringContaining('307') });
    expect(elsewhere.connections).toBe(0);
  });

  it('lets go of an idle connection before the receiver does', async () => {
    const receiver = await receive(OK);
    const sender = open({ url: receiver.origin });
    const { signal } = new AbortController();
    await sender.attempt(attemptFor(), signal);
    await sleep(IDLE_MS + 1_000);
    await sender.attempt(attemptFor(), signal);
    expect(receiver.requests.map((request) => request.connection)).toEqual([0, 1]);
  });

  it('does not keep a connection that the receiver gives up within a second', async () => {
    const receiver = await receive({ status: 200, headers: { 'keep-alive': 'timeout=1' } });
    const sender = open({ url: receiver.origin });
    const { signal } = new AbortController();
    for (const number of [1, 2]) await sender.attempt(attemptFor({ number }), signal);
    expect(receiver.connections).toBe(2);
  });
});
