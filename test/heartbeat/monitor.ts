import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Ping {
  method: string;
  path: string;
  query: URLSearchParams;
  /** The query as it was sent. */
  search: string;
  body: string;
}

/** A dead-man's switch on 127.0.0.1 that takes note of every ping. */
export interface Monitor {
  origin: string;
  pings: Ping[];
  /** `start`, `success` and `fail`, in the order in which they came. */
  signals(): string[];
  /** From now on pings are noted and not answered, until this is released. */
  hold(): { release(): void };
  /** How pings are answered. */
  status: number;
  /** Paths that are answered with 503 all the same. */
  refused: RegExp | null;
  headers: Record<string, string>;
  text: string;
  close(): Promise<void>;
}

export async function startMonitor(): Promise<Monitor> {
  let held: ServerResponse[] | null = null;
  const answer = (response: ServerResponse): void => {
    const refused = monitor.refused?.test(new URL(response.req.url ?? '', 'http://monitor').pathname) === true;
    response.writeHead(refused ? 503 : monitor.status, monitor.headers).end(monitor.text);
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://monitor');
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      monitor.pings.push({ method: request.method ?? '', path: url.pathname, query: url.searchParams, search: url.search, body });
      if (held) held.push(response);
      else answer(response);
    });
  });
  const monitor: Monitor = {
    origin: '',
    pings: [],
    status: 200,
    refused: null,
    headers: {},
    text: 'OK',
    signals: () => monitor.pings.map(({ path }) => /\/(start|fail)$/.exec(path)?.[1] ?? 'success'),
    hold() {
      const waiting: ServerResponse[] = [];
      held = waiting;
      return {
        release() {
          held = null;
          for (const response of waiting) answer(response);
        },
      };
    },
    async close() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  monitor.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return monitor;
}
