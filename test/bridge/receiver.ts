import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it came in, whole. */
export interface Received {
  key: string;
  attempt: number;
  /** By the clock of this machine, in milliseconds. */
  at_ms: number;
}

export interface SlowReceiver {
  origin: string;
  log: readonly Received[];
  close(): void;
}

/** Logs every request, then takes its time (`pause_ms` for each one) and answers 200: a repeated key is as welcome as a new one. */
export async function slowReceiver(pause_ms: () => number): Promise<SlowReceiver> {
  const log: Received[] = [];
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      log.push({ key: String(request.headers['webhook-id']), attempt: Number(request.headers['rgov-attempt']), at_ms: Date.now() });
      setTimeout(() => response.end(JSON.stringify({ id: `m-${log.length}` })), pause_ms());
    });
    // Whoever is killed leaves a broken connection behind.
    request.on('error', () => {});
    response.on('error', () => {});
  });
  // A machine that is busy for long must not close what is in use: what comes of that is tried elsewhere.
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, log, close };
}
