import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Receiver {
  origin: string;
  /** Status of the next answers. */
  answer: number;
  /** `webhook-id` of every request, in order. */
  ids: string[];
  close(): void;
}

/** Answers every request with one status. */
export async function loopbackReceiver(): Promise<Receiver> {
  const receiver: Receiver = { origin: '', answer: 200, ids: [], close: () => server.close() };
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      receiver.ids.push(String(request.headers['webhook-id']));
      response.writeHead(receiver.answer, { 'content-type': 'application/json', connection: 'close' }).end('{"id":"m"}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  receiver.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return receiver;
}
