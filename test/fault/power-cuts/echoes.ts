import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Patch } from '../../bridge/faulty-program.ts';
import { type SlowReceiver, slowReceiver } from '../../bridge/receiver.ts';
import { Running, rgovIn } from '../../bridge/running.ts';
import { BridgeWorkspace, webhookTo } from '../../bridge/workspace.ts';
import { artifactsOf, eventually } from '../../support/watching.ts';
import { Ledger, type Lost } from './ledger.ts';
import type { LoopDisk } from './loop-disk.ts';
import { SYNC_MANY, SYNC_ONE } from './planted.ts';

/**
 * A program whose syncs of folders take for ever: what it has written is there to be seen, and not durable. Nothing is wrong
 * with it: a disk may be as slow as it likes.
 */
export const HELD_FOLDERS: readonly Patch[] = [
  { file: 'src/store/publish.ts', replace: SYNC_MANY, by: `${SYNC_MANY}\n    await new Promise((resolve) => setTimeout(resolve, 600_000));` },
  { file: 'src/store/publish.ts', replace: SYNC_ONE, by: `${SYNC_ONE}\n    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600_000);` },
];

/** One fact that is told twice, and the stage in which it can be seen. */
export interface Echo {
  name: string;
  stage: 'events' | 'receipts';
  /** What is run, both times; `notice` is one that is acked. */
  command(notice: string, file: string): readonly string[];
  /** What whoever runs it may rely on then. */
  note(ledger: Ledger, notice: string): void;
}

const event = { id: 'echo', source: 'rgov/report', payload: 'x' };
const foreign = { ...event, source: 'elsewhere' };

export const ECHOES: readonly Echo[] = [
  {
    name: 'rgov report --id',
    stage: 'events',
    command: () => ['report', 'failed', '-s', 'job/echo', '--id', event.id, '--data', `payload=${event.payload}`],
    note: (ledger) => ledger.event(event),
  },
  {
    name: 'rgov ingest',
    stage: 'events',
    command: (_, file) => ['ingest', 'cloudevents', file],
    note: (ledger) => ledger.event(foreign),
  },
  {
    name: 'rgov ack',
    stage: 'receipts',
    command: (notice) => ['ack', notice, '--by', 'alice'],
    note: (ledger, notice) => ledger.acknowledgement(notice, 'human:alice'),
  },
  {
    name: 'rgov confirm',
    stage: 'receipts',
    command: (notice) => ['confirm', notice, '--evidence', 'accepted', '--ref', 'r-1', '--by', 'gateway'],
    note: (ledger, notice) => ledger.acknowledgement(notice, 'report:gateway'),
  },
];

/** Somebody is told that a fact is known already, which another process has just written and not made durable; then the power is cut. */
export async function echoed(echo: Echo, { disk, held }: { disk: LoopDisk; held: string }): Promise<{ code: number | string; lost: Lost[] }> {
  const receiver = await slowReceiver(() => 0);
  try {
    return await new Stage(disk, receiver).play(echo, held);
  } finally {
    receiver.close();
  }
}

class Stage {
  readonly #disk: LoopDisk;
  readonly #workspace: BridgeWorkspace;
  readonly #ledger: Ledger;

  constructor(disk: LoopDisk, { origin }: SlowReceiver) {
    this.#disk = disk;
    this.#workspace = new BridgeWorkspace(disk.path);
    this.#workspace.bind({ hook: webhookTo(origin) });
    this.#ledger = new Ledger(this.#workspace.state);
  }

  async play({ stage, command, note }: Echo, held: string): Promise<{ code: number | string; lost: Lost[] }> {
    const { root, state } = this.#workspace;
    const outside = mkdtempSync(join(tmpdir(), 'rgov-outside-'));
    try {
      const file = join(outside, 'event.json');
      writeFileSync(
        file,
        JSON.stringify({
          specversion: '1.0',
          id: foreign.id,
          source: foreign.source,
          type: 'run.failed',
          subject: 'job/echo',
          data: { payload: 'x' },
        }),
      );
      await rgovIn(root, ['report', 'failed', '-s', 'job/first']);
      await rgovIn(root, ['reconcile']);
      const [receipt = ''] = artifactsOf(state, 'receipts');
      const notice = receipt.slice(receipt.lastIndexOf('/') + 1).replace(/\.\d+\.acked\.json$/, '');
      const args = command(notice, file);
      this.#disk.sync();
      const before = artifactsOf(state, stage).length;
      const first = new Running([process.execPath, held, ...args, '-C', root]);
      await this.#disk.arm();
      await eventually('what the first one has written', () => artifactsOf(state, stage).length > before);
      const { code } = await rgovIn(root, args);
      if (code === 0) note(this.#ledger, notice);
      await this.#disk.cut();
      await first.stop('SIGKILL');
      this.#disk.recover();
      return { code, lost: this.#ledger.losses() };
    } finally {
      rmSync(outside, { recursive: true, force: true });
    }
  }
}
