import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon, forkPeer, isThere, type Peer } from './peer.ts';

/** Redis that syncs its log before it answers, and a BullMQ worker. */
export const bullmq: Peer = {
  id: 'bullmq',
  name: 'Redis (appendfsync always) + BullMQ',
  caveat: '',
  whyNot: () => (isThere('redis-server') ? null : 'there is no redis-server (Debian package redis-server)'),
  async start({ folder, receiver, bodyBytes, programs }) {
    const socket = join(folder, 'socket');
    const settings = {
      port: '0',
      unixsocket: socket,
      dir: folder,
      appendonly: 'yes',
      appendfsync: 'always',
      save: '',
      'maxmemory-policy': 'noeviction',
    };
    const redis = new Daemon(
      'redis-server',
      Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    );
    await redis.ready(() => existsSync(socket));
    const worker = await forkPeer(join(programs, 'bullmq.mjs'), { socket, bodyBytes, url: `http://127.0.0.1:${receiver.port}/hook` });
    return {
      ...worker,
      pids: () => [redis.pid, ...worker.pids()],
      async stop() {
        await worker.stop();
        await redis.stop();
      },
    };
  },
};
