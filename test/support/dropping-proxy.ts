import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * Where a mail session is disturbed:
 * - `before the message`: cut when the server asks for the message, before the client learns that.
 * - `in the message`: cut when the message comes, and none of it goes on.
 * - `after the dot`: cut when the server has answered the message, and its answer does not come back.
 * - `hang after the dot`: the same, with the connection left open.
 */
export type Disturbance = 'before the message' | 'in the message' | 'after the dot' | 'hang after the dot';

export interface DroppingProxy {
  port: number;
  /** Sessions that were disturbed so far. */
  dropped: number;
  close(): Promise<void>;
}

/** Forwards SMTP to a port on 127.0.0.1, and disturbs it in one place. */
export async function startDroppingProxy(target: number, disturbance: Disturbance): Promise<DroppingProxy> {
  const sockets = new Set<Socket>();
  const hold = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  };
  const proxy: DroppingProxy = { port: 0, dropped: 0, close };
  const server = createServer((client) => {
    hold(client);
    const upstream = hold(connect(target, '127.0.0.1'));
    let phase: 'commands' | 'message' | 'dot sent' = 'commands';
    let sent = '';
    const drop = (): void => {
      proxy.dropped++;
      client.destroy();
      upstream.destroy();
    };
    client.on('data', (chunk) => {
      if (phase === 'message' && disturbance === 'in the message') return drop();
      if (phase === 'message') {
        sent += chunk.toString('latin1');
        if (sent.includes('\r\n.\r\n')) phase = 'dot sent';
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (phase === 'dot sent' && disturbance === 'after the dot') return drop();
      if (phase === 'dot sent' && disturbance === 'hang after the dot') {
        proxy.dropped++;
        return;
      }
      if (phase === 'commands' && /^354/m.test(chunk.toString('latin1'))) {
        if (disturbance === 'before the message') return drop();
        phase = 'message';
      }
      client.write(chunk);
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy.port = (server.address() as AddressInfo).port;
  return proxy;

  async function close(): Promise<void> {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}
