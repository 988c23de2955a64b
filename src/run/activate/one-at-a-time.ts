import { createServer, type Server } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { isErrno, RgovError } from '../../model/errors.ts';
import { sha256 } from '../../model/hash.ts';

const TURN_MS = 20;
const PATIENCE_MS = 60_000;

/**
 * Does `work` while no other process of this machine does work of the same name: what is read and put back as a whole would lose what another one has
 * put there in between. The name is held by a socket without a file (unix(7), abstract), which goes with its process, however that ends; where the
 * system has none, nobody is waited for. Throws `state_io` if its turn does not come.
 */
export async function oneAtATime<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (process.platform !== 'linux') return work();
  const held = await turn(`\0rgov-activate/${sha256(name).slice(0, 32)}`);
  if (held === null)
    throw new RgovError('state_io', `another rgov activate has been at work on ${name} for too long; nothing was changed`, {
      hint: 'ps -ef | grep rgov',
    });
  try {
    return await work();
  } finally {
    held.close();
  }
}

async function turn(path: string): Promise<Server | null> {
  for (const end_ms = performance.now() + PATIENCE_MS; performance.now() < end_ms; await pause(TURN_MS)) {
    const held = await listen(path);
    if (held !== null) return held;
  }
  return null;
}

function listen(path: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error) => (isErrno(error, 'EADDRINUSE') ? resolve(null) : reject(error)));
    server.listen({ path }, () => resolve(server));
  });
}
