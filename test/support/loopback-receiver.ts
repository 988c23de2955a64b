import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** What the receiver does with one request. Written on plain sockets, because a real HTTP server refuses to misbehave. */
export type Behaviour =
  | Scripted
  /** An answer that is made of what was asked. */
  | { reply: (request: ReceivedRequest) => Scripted }
  /** These bytes instead of an answer; then the connection is closed. */
  | { raw: string | Buffer }
  /** These bytes as soon as the connection is there, before anything is read. */
  | { greeting: string }
  | 'hang before reading'
  | 'hang after reading'
  /** The head of a 200 answer, and nothing more. */
  | 'hang in answer'
  /** An answer that never stops coming, a byte at a time. */
  | 'slow drip'
  | 'reset after accept'
  | 'close after accept'
  | 'reset after body'
  | 'close after body'
  /** Less than the announced length, then the end. */
  | 'half answer'
  | 'endless body';

type Scripted = { status: number; headers?: Record<string, string>; body?: string };

export const OK: Behaviour = { status: 200, headers: { 'content-type': 'application/json' }, body: '{"id":"msg-1"}' };

export interface ReceivedRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer;
  /** Counts connections from 0: equal numbers mean that the connection was kept. */
  connection: number;
}

export interface Receiver {
  /** `http://127.0.0.1:<port>`, or https. */
  origin: string;
  /** Requests that arrived whole, in order. */
  requests: ReceivedRequest[];
  /** Connections accepted so far. */
  connections: number;
  close(): Promise<void>;
}

/** A receiver on 127.0.0.1 that meets the n-th request with the n-th behaviour, and all further ones with the last. */
export async function startReceiver(behaviours: Behaviour[] = [OK], tls?: { key: string; cert: string }): Promise<Receiver> {
  const sockets = new Set<Socket>();
  const receiver: Receiver = { origin: '', requests: [], connections: 0, close };
  const next = (): Behaviour => behaviours[Math.min(receiver.requests.length, behaviours.length - 1)] ?? OK;
  const accept = (socket: Socket): void => {
    const connection = receiver.connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    const first = next();
    if (first === 'reset after accept') socket.resetAndDestroy();
    else if (first === 'close after accept') socket.end();
    else if (first === 'hang before reading') socket.pause();
    else if (typeof first === 'object' && 'greeting' in first) socket.end(first.greeting);
    else serve(socket, connection, receiver.requests, next);
  };
  const server: Server = tls ? createTlsServer(tls, accept) : createServer(accept);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  receiver.origin = `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return receiver;

  async function close(): Promise<void> {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  }
}

/** A URL on loopback where nobody listens. */
export async function refusedOrigin(): Promise<string> {
  const receiver = await startReceiver();
  await receiver.close();
  return receiver.origin;
}

function serve(socket: Socket, connection: number, requests: ReceivedRequest[], next: () => Behaviour): void {
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (let request = takeRequest(); request; request = takeRequest()) {
      const behaviour = next();
      requests.push({ ...request, connection });
      behave(socket, behaviour, { ...request, connection });
    }
  });

  function takeRequest(): Omit<ReceivedRequest, 'connection'> | undefined {
    const end = pending.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const [start = '', ...lines] = pending.subarray(0, end).toString('latin1').split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const length = Number(headers['content-length'] ?? 0);
    if (pending.length < end + 4 + length) return undefined;
    const body = Buffer.from(pending.subarray(end + 4, end + 4 + length));
    pending = pending.subarray(end + 4 + length);
    const [method = '', path = ''] = start.split(' ');
    return { method, path, headers, body };
  }
}

function behave(socket: Socket, behaviour: Behaviour, request: ReceivedRequest): void {
  switch (behaviour) {
    case 'hang before reading':
    case 'hang after reading':
      return;
    case 'hang in answer':
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"id":');
      return;
    case 'slow drip':
      drip(socket);
      return;
    case 'close after accept':
      return;
    case 'reset after accept':
    case 'reset after body':
      // A TLS socket cannot send a reset of its own; ending without a farewell is as rude.
      if ('encrypted' in socket) socket.destroy();
      else socket.resetAndDestroy();
      return;
    case 'close after body':
      socket.end();
      return;
    case 'half answer':
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"id":"msg-1"}');
      return;
    case 'endless body':
      pour(socket);
      return;
    default:
      if ('greeting' in behaviour) return;
      if ('raw' in behaviour) socket.end(behaviour.raw);
      else socket.write(answer('reply' in behaviour ? behaviour.reply(request) : behaviour));
  }
}

function answer({ status, headers = {}, body = '' }: Scripted): string {
  const length = status === 204 ? [] : [`content-length: ${Buffer.byteLength(body)}`];
  return [`HTTP/1.1 ${status} Scripted`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), ...length, '', body].join('\r\n');
}

function pour(socket: Socket): void {
  socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
  const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
  const more = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', more);
  more();
}

function drip(socket: Socket): void {
  socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n{"id":"');
  const timer = setInterval(() => socket.write('x'), 20);
  socket.on('close', () => clearInterval(timer));
}
