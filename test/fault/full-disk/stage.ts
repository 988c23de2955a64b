import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isErrno } from '../../../src/model/errors.ts';
import { Checker } from '../../bridge/checker.ts';
import { type SlowReceiver, slowReceiver } from '../../bridge/receiver.ts';
import { type Ran, Running } from '../../bridge/running.ts';
import { BridgeWorkspace, webhookTo } from '../../bridge/workspace.ts';
import { PROGRAM } from '../../support/cli.ts';
import { artifactsOf, eventually, sleep } from '../../support/watching.ts';
import { cloudEvent, dropOne, next, receiptsOf, reportOf, run, type Scene } from '../power-cuts/emitters.ts';
import { Ledger } from '../power-cuts/ledger.ts';
import type { Wrong } from '../power-cuts/life.ts';
import { Filler } from './filler.ts';

export interface Filled {
  wrong: Wrong[];
  told: Ledger['counts'];
  events: number;
  /** Runs of emitters and passes that ended with exit code 4. */
  refused: number;
  /** Drops that found no room. */
  dropsRefused: number;
  /** Passes of watch that broke off. */
  brokenPasses: number;
  indeterminate: number;
}

export interface FillOptions {
  /** Where the disk is mounted. */
  disk: string;
  what: 'blocks' | 'inodes';
  deliverer: 'watch' | 'reconcile';
  /** How often it fills up and is freed again. */
  times: number;
  random: () => number;
  program?: string;
}

/** How long it stays full at least, in which everybody goes on trying. */
const FULL_MS = 900;
const FREE_MS = 500;
const DRIP_EVERY_MS = 40;
const PAUSE_MS = 20;
const PATIENCE_MS = 60_000;

/** A workspace on a disk that fills up while everybody is at work, and is freed again; then everything must come to its end by itself. */
export async function fillAndFree(options: FillOptions): Promise<Filled> {
  const receiver = await slowReceiver(() => 1 + Math.floor(options.random() * 20));
  const stage = new Stage(options, receiver);
  try {
    return await stage.play();
  } finally {
    await stage.clear();
    receiver.close();
  }
}

class Stage {
  readonly #options: FillOptions;
  readonly #receiver: SlowReceiver;
  readonly #workspace: BridgeWorkspace;
  readonly #outside = mkdtempSync(join(tmpdir(), 'rgov-outside-'));
  readonly #ledger: Ledger;
  readonly #checker: Checker;
  readonly #filler: Filler;
  readonly #wrong: Wrong[] = [];
  #watch: Running | null = null;
  #ids = 0;
  #refused = 0;
  #dropsRefused = 0;
  #emittersStop = false;
  #isOver = false;

  constructor(options: FillOptions, receiver: SlowReceiver) {
    this.#options = options;
    this.#receiver = receiver;
    this.#workspace = new BridgeWorkspace(options.disk);
    this.#ledger = new Ledger(this.#workspace.state);
    this.#checker = new Checker(this.#workspace.state);
    this.#filler = new Filler(options.disk, options.what);
    const retry = { attempts: 100, initial: '100ms', factor: 1 };
    this.#workspace.bind({ hook: { ...webhookTo(receiver.origin), idempotent: true, concurrency: 4, retry } });
  }

  async play(): Promise<Filled> {
    const { deliverer, times, program, random } = this.#options;
    const scene = this.#scene();
    if (deliverer === 'watch')
      this.#watch = await new Running([process.execPath, program ?? PROGRAM, 'watch', '-C', this.#workspace.root, '--json']).up();
    const work = [this.#reporter(scene), this.#ingester(scene), this.#dropper(scene)];
    const passes = deliverer === 'reconcile' ? this.#reconciler(scene) : Promise.resolve();
    for (let n = 0; n < times; n++) {
      await sleep(random() * FREE_MS);
      this.#filler.fill();
      const refused = this.#refused;
      // However slow the machine: somebody has been refused before there is room again.
      const dripping = setInterval(() => this.#filler.yieldSome(), DRIP_EVERY_MS);
      await Promise.all([sleep(FULL_MS), eventually('somebody who is refused', () => this.#refused > refused + 1, PATIENCE_MS)]).finally(() =>
        clearInterval(dripping),
      );
      this.#filler.free();
    }
    this.#emittersStop = true;
    await Promise.all(work);
    await eventually('everything at its end', () => this.#checker.settled() >= this.#events() && this.#inbox() === 0, PATIENCE_MS).catch(() => {});
    this.#isOver = true;
    await passes;
    const brokenPasses = this.#watch?.facts.filter(({ fact }) => fact === 'pass_failed' || fact === 'failure').length ?? 0;
    await this.#endWatch();
    this.#wrong.push(...this.#ledger.losses());
    if (this.#wrong.length === 0) this.#wrong.push(...this.#checker.check(this.#receiver.log, { idempotent: true, notices: this.#events() }));
    for (const path of artifactsOf(this.#workspace.state, 'quarantine'))
      this.#wrong.push({ check: 'a pass did not come to its end', what: `quarantined: ${path}` });
    return {
      wrong: this.#wrong,
      told: this.#ledger.counts,
      events: this.#events(),
      refused: this.#refused,
      dropsRefused: this.#dropsRefused,
      brokenPasses,
      // Of files that are torn nothing can be counted.
      indeterminate: this.#wrong.length > 0 ? 0 : this.#checker.indeterminate(),
    };
  }

  async clear(): Promise<void> {
    this.#emittersStop = true;
    this.#isOver = true;
    await this.#watch?.stop('SIGKILL');
    rmSync(this.#outside, { recursive: true, force: true });
  }

  /** Who is refused says the same again, until it is accepted. */
  async #reporter(scene: Scene): Promise<void> {
    while (!this.#emittersStop) await this.#untilAccepted(scene, reportOf, next(scene, 'rgov/report'));
  }

  async #ingester(scene: Scene): Promise<void> {
    while (!this.#emittersStop) {
      const all = Array.from({ length: 1 + Math.floor(scene.random() * 20) }, () => next(scene, 'ingester'));
      const file = join(this.#outside, `${scene.nextId()}.ndjson`);
      writeFileSync(file, all.map((told) => JSON.stringify(cloudEvent(told))).join('\n'));
      while ((await run(scene, ['ingest', 'cloudevents', file])).code !== 0) await sleep(PAUSE_MS);
      for (const told of all) scene.ledger.event(told);
    }
  }

  async #dropper(scene: Scene): Promise<void> {
    while (!this.#emittersStop) {
      try {
        dropOne(scene, next(scene, 'dropper'));
      } catch (error) {
        if (!isErrno(error, 'ENOSPC')) throw error;
        this.#dropsRefused++;
      }
      await sleep(5 * PAUSE_MS);
    }
  }

  async #untilAccepted(scene: Scene, args: typeof reportOf, told: ReturnType<typeof next>): Promise<void> {
    while ((await run(scene, args(told))).code !== 0) await sleep(PAUSE_MS);
    scene.ledger.event(told);
  }

  async #reconciler(scene: Scene): Promise<void> {
    while (!this.#isOver) {
      const ran = await run(scene, ['reconcile', '--json']);
      for (const { notice, status } of receiptsOf(ran)) scene.ledger.receipt(notice, status);
    }
  }

  async #endWatch(): Promise<void> {
    const watch = this.#watch;
    if (watch === null) return;
    for (const { fact, notice, status } of watch.facts) if (fact === 'receipt') this.#ledger.receipt(String(notice), String(status));
    const code = watch.isOver ? `it ended by itself: ${await watch.ended}` : await watch.stop();
    if (code !== 0 || watch.stderr !== '')
      this.#wrong.push({ check: 'a program ended in a way that it must not', what: `rgov watch: ${code} ${watch.stderr}` });
  }

  #scene(): Scene {
    return {
      root: this.#workspace.root,
      outside: this.#outside,
      program: this.#options.program,
      ledger: this.#ledger,
      random: this.#options.random,
      nextId: () => String(++this.#ids),
      onEnd: (args, ran) => this.#ended(args, ran),
      isOver: () => this.#isOver,
    };
  }

  /** A full disk is exit code 4, with a path and the cause. */
  #ended(args: readonly string[], { code, stdout, stderr }: Ran): void {
    if (code === 0) return;
    const said = `${stdout}${stderr}`;
    if (code === 4 && said.includes(this.#workspace.root) && said.includes('ENOSPC')) this.#refused++;
    else this.#wrong.push({ check: 'a program ended in a way that it must not', what: `rgov ${args.join(' ').slice(0, 100)}: ${code} ${said}` });
  }

  #events(): number {
    return artifactsOf(this.#workspace.state, 'events').length;
  }

  #inbox(): number {
    return artifactsOf(this.#workspace.state, 'inbox').length;
  }
}
