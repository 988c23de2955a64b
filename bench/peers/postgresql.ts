import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Daemon, forkPeer, isThere, type Peer, type RunningPeer, type Setting } from './peer.ts';

const DEBIAN = '/usr/lib/postgresql';

/** graphile-worker as it comes: a statement for each job that is fetched, and one for each that is done. */
export const graphileWorker: Peer = {
  id: 'graphile-worker',
  name: 'PostgreSQL + graphile-worker',
  caveat: '',
  whyNot,
  start: (setting) => startWith(setting, 'graphile-worker.mjs', { batched: false }),
};

/** graphile-worker with the batching that its page on performance recommends. */
export const graphileWorkerBatched: Peer = {
  id: 'graphile-worker-batched',
  name: 'PostgreSQL + graphile-worker, batched',
  caveat: '',
  whyNot,
  start: (setting) => startWith(setting, 'graphile-worker.mjs', { batched: true }),
};

export const pgBoss: Peer = {
  id: 'pg-boss',
  name: 'PostgreSQL + pg-boss',
  caveat: '',
  whyNot,
  start: (setting) => startWith(setting, 'pg-boss.mjs', {}),
};

function whyNot(): string | null {
  return binaries() === null ? 'there is no PostgreSQL server (Debian package postgresql)' : null;
}

/** Folder of the newest server, which Debian keeps off the path; empty if it is on the path. */
function binaries(): string | null {
  if (isThere('initdb') && isThere('postgres')) return '';
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const newest = versions.find((version) => existsSync(join(DEBIAN, version, 'bin/postgres')));
  return newest === undefined ? null : join(DEBIAN, newest, 'bin');
}

/** A cluster of its own with the settings that initdb writes: fsync, full_page_writes and synchronous_commit are on. */
async function startWith({ folder, receiver, bodyBytes, programs }: Setting, module: string, extra: object): Promise<RunningPeer> {
  const user = serverUser();
  const data = join(folder, 'data');
  mkdirSync(data);
  chmodSync(folder, 0o755);
  // The path of a socket is at most 107 bytes long (unix(7)), and the folder that is measured may lie deep.
  const sockets = mkdtempSync(join(tmpdir(), 'rgov-pg-'));
  chmodSync(sockets, 0o755);
  if (user) for (const path of [data, sockets]) chownSync(path, user.uid, user.gid);
  const at = (program: string): string => join(binaries() ?? '', program);
  const made = spawnSync(at('initdb'), ['-D', data, '-U', 'bench', '--auth=trust', '--encoding=UTF8', '--no-locale'], {
    ...user,
    cwd: folder,
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const server = new Daemon(at('postgres'), ['-D', data, '-c', 'listen_addresses=', '-c', `unix_socket_directories=${sockets}`], {
    ...user,
    cwd: folder,
  });
  const connection = { host: sockets, user: 'bench', database: 'postgres' };
  await server.ready(() => spawnSync(at('pg_isready'), ['-h', sockets, '-U', 'bench', '-d', 'postgres']).status === 0);
  const worker = await forkPeer(join(programs, module), { connection, bodyBytes, url: `http://127.0.0.1:${receiver.port}/hook`, ...extra });
  return {
    ...worker,
    pids: () => [server.pid, ...worker.pids()],
    async stop() {
      await worker.stop();
      // "Fast": ends the sessions that are left (postgres(1)).
      await server.stop('SIGINT');
      rmSync(sockets, { recursive: true, force: true });
    },
  };
}

/** The server refuses to run as root. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (what: string): number => Number(execFileSync('id', [what, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}
