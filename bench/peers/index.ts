import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { median, percentile, QUICK, type Row } from '../measure.ts';
import { startReceiver, type WebhookReceiver } from '../receiver.ts';
import { removeAll } from '../workload.ts';
import { alertmanager } from './alertmanager.ts';
import { bareWorker } from './bare.ts';
import { forkPeer, memoryMiB, type Peer, type RunningPeer } from './peer.ts';
import { postfix } from './postfix.ts';
import { graphileWorker, graphileWorkerBatched, pgBoss } from './postgresql.ts';
import { bullmq } from './redis.ts';

const NOTICES = QUICK ? 100 : 1_000;
const ROUNDS = QUICK ? 1 : 5;
const SINGLES = QUICK ? 5 : 100;
const WARM = QUICK ? 1 : 10;
const PEERS: readonly Peer[] = [postfix, bullmq, graphileWorker, graphileWorkerBatched, pgBoss, alertmanager];
const GOALS: Record<string, string> = { [postfix.name]: '>= 3', [graphileWorker.name]: '>= 2.5' };

export interface PeerOptions {
  /** The repository, and the folder of this bundle. */
  root: string;
  bundle: string;
  isWanted(peer: string): boolean;
}

/** Each peer on the same work as this program, in turn with it; one after another, so that none has to share with two others. */
export async function measurePeers(base: string, { root, bundle, isWanted }: PeerOptions): Promise<Row[]> {
  const folder = mkdtempSync(join(base, 'peers-'));
  // Servers run as users of their own.
  chmodSync(folder, 0o711);
  const programs = join(root, 'bench/peers');
  install(programs);
  const receiver = await startReceiver(join(root, 'bench/receiver.mjs'));
  const own = await forkPeer(join(bundle, 'rgov-worker.cjs'), { folder: join(folder, 'rgov'), port: receiver.port });
  const rows: Row[] = [];
  try {
    const bodyBytes = await sizeOfBody(own, receiver);
    console.log(`the body of one notice has ${bodyBytes} bytes`);
    const all: Round[] = [];
    const floor = await measureOne(own, bareWorker(folder));
    all.push(...floor.rounds);
    const others: Row[] = [];
    for (const peer of PEERS.filter(({ id }) => isWanted(id))) {
      const why = peer.whyNot();
      if (why !== null) {
        console.log(`${peer.name} is left out: ${why}`);
        continue;
      }
      const place = join(folder, peer.name.replace(/\W+/g, '-'));
      mkdirSync(place);
      console.log(`${peer.name} ...`);
      const running = await peer.start({ folder: place, receiver, bodyBytes, programs });
      try {
        const measured = await measureOne(own, running);
        all.push(...measured.rounds);
        others.push(...rowsOf(peer, measured));
      } finally {
        await running.stop();
      }
    }
    rows.push(...ownRows(all, floor, own), ...others);
  } finally {
    await own.stop();
    receiver.stop();
    removeAll(folder);
  }
  return rows;
}

interface Round {
  own_ms: number;
  other_ms: number;
}

interface Measured {
  rounds: Round[];
  singles: Round[];
  memoryMiB: number;
}

async function measureOne(own: RunningPeer, other: RunningPeer): Promise<Measured> {
  const rounds: Round[] = [];
  const singles: Round[] = [];
  // The first one warms everything up.
  for (let i = -1; i < ROUNDS; i++) {
    const round = { own_ms: await own.work(NOTICES), other_ms: await other.work(NOTICES) };
    if (i >= 0) rounds.push(round);
  }
  const memory = memoryMiB(other.pids());
  for (let i = -WARM; i < SINGLES; i++) {
    const single = { own_ms: await own.work(1), other_ms: await other.work(1) };
    if (i >= 0) singles.push(single);
  }
  return { rounds, singles, memoryMiB: memory };
}

function ownRows(all: readonly Round[], floor: Measured, own: RunningPeer): Row[] {
  const rates = (times: readonly number[]): number[] => times.map((ms) => (NOTICES / ms) * 1_000);
  const mine = rates(all.map(({ own_ms }) => own_ms));
  const bare = rates(floor.rounds.map(({ other_ms }) => other_ms));
  const ratio = median(floor.rounds.map(({ own_ms, other_ms }) => other_ms / own_ms));
  const single = floor.singles.map(({ own_ms }) => own_ms);
  return [
    {
      what: `rgov: ${NOTICES} notices, from handed in to recorded as delivered`,
      median: `${median(mine).toFixed(0)} notices/s`,
      spread: range(mine),
      ratio: `${ratio.toFixed(2)} of bare`,
      goal: '>= 0.80 of bare',
    },
    { what: 'rgov: one notice', median: `${median(single).toFixed(2)} ms`, spread: milliseconds(single), ratio: '', goal: '<= 2 ms' },
    { what: 'rgov: memory after that', median: `${memoryMiB(own.pids())} MiB`, spread: '', ratio: '', goal: '' },
    { what: `bare durable publishing of as many files`, median: `${median(bare).toFixed(0)} notices/s`, spread: range(bare), ratio: '1', goal: '' },
  ];
}

function rowsOf({ name, caveat }: Peer, { rounds, singles, memoryMiB: memory }: Measured): Row[] {
  const what = caveat ? `${name} (${caveat})` : name;
  const rates = rounds.map(({ other_ms }) => (NOTICES / other_ms) * 1_000);
  const times = singles.map(({ other_ms }) => other_ms);
  return [
    {
      what: `${what}: ${NOTICES} notices`,
      median: `${median(rates).toFixed(0)} notices/s`,
      spread: range(rates),
      ratio: `rgov is ${median(rounds.map(({ own_ms, other_ms }) => other_ms / own_ms)).toFixed(2)} times as fast`,
      goal: GOALS[name] ?? '',
    },
    {
      what: `${what}: one notice`,
      median: `${median(times).toFixed(2)} ms`,
      spread: milliseconds(times),
      ratio: `rgov takes ${median(singles.map(({ own_ms, other_ms }) => own_ms / other_ms)).toFixed(2)} of that`,
      goal: '',
    },
    { what: `${what}: memory of all its processes after that`, median: `${memory} MiB`, spread: '', ratio: '', goal: '' },
  ];
}

const range = (values: readonly number[]): string => `${Math.min(...values).toFixed(0)} .. ${Math.max(...values).toFixed(0)}`;
const milliseconds = (values: readonly number[]): string => `${Math.min(...values).toFixed(2)} .. p99 ${percentile(values, 99).toFixed(2)}`;

/** What the receiver gets for one notice of ours is what every other program has to send, too. */
async function sizeOfBody(own: RunningPeer, receiver: WebhookReceiver): Promise<number> {
  await own.work(NOTICES);
  const { count, bytes } = await receiver.seen(NOTICES);
  if (count !== NOTICES) throw new Error(`the receiver saw ${count} requests`);
  return Math.round(bytes / count);
}

/** The peers from npm are no dependency of this program: they are installed when they are measured. */
function install(programs: string): void {
  if (existsSync(join(programs, 'node_modules'))) return;
  console.log('installing bench/peers ...');
  const { status, stderr } = spawnSync('npm', ['ci', '--prefix', programs, '--no-audit', '--no-fund'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ci --prefix bench/peers: ${stderr}`);
}
