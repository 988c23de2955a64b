import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Event } from '../../../src/model/artifacts.ts';
import { Checker, type Violation } from '../../bridge/checker.ts';
import { type SlowReceiver, slowReceiver } from '../../bridge/receiver.ts';
import { type Ran, Running } from '../../bridge/running.ts';
import { BridgeWorkspace, webhookTo } from '../../bridge/workspace.ts';
import { PROGRAM } from '../../support/cli.ts';
import { eventually, sleep } from '../../support/watching.ts';
import { acknowledger, archiver, dropper, elders, ingester, receiptsOf, reconciler, reporter, run, type Scene } from './emitters.ts';
import { Ledger, type Lost } from './ledger.ts';
import type { LoopDisk } from './loop-disk.ts';
import { View } from './view.ts';

export interface LifeOptions {
  disk: LoopDisk;
  cuts: number;
  random: () => number;
  /** Whether one alone is at work in every round; in every second one if it is not said. */
  isQuiet?: boolean;
  /** Where one alone is at work: who; all of them in turn if it is not said. */
  only?: 'archiver';
  /** Path of `rgov.cjs`, where it is not the one that is tested. */
  program?: string;
}

/** What is wrong, by name. */
export type Wrong =
  | Lost
  | Violation
  | {
      check: 'a file is torn' | 'verify finds something' | 'a pass did not come to its end' | 'a program ended in a way that it must not';
      what: string;
    };

export interface Lived {
  cuts: number;
  /** Found after the first cut after which anything was wrong; the life ends there. */
  wrong: Wrong[];
  /** What the program had said to be durable. */
  told: Ledger['counts'];
  /** Events on the disk in the end. */
  events: number;
  seals: number;
  archives: number;
  requests: number;
  indeterminate: number;
  /** Programs that a cut hit while they were at work. */
  cutOff: number;
}

/** How long a receiver takes for one request. */
const [LEAST_PAUSE_MS, MOST_PAUSE_MS] = [1, 40];
/** A round in which nothing is told for so long is cut all the same. */
const LONGEST_ROUND_MS = 30_000;
/** A cut comes when so many things were told in its round at most: half of the times at once, so that nothing that follows has synced them by the way. */
const MOST_TOLD = 12;
/** The other half come within this time. */
const MOST_DELAY_MS = 300;
/** In turn; passes and archives most often, as most happens in them. */
const EMITTERS = [reporter, ingester, dropper, acknowledger, reconciler, reconciler, archiver, archiver] as const;
/** Longer than the times of folders are coarse: then a day is known to be settled. */
const COARSE_MS = 2_200;
/** How many days back the oldest events go: more than a few passes seal. */
const DAYS = 60;
const MOST_PASSES_AT_THE_END = 50;

/** One workspace on a disk whose power is cut again and again while everything is at work in it. */
export async function live(options: LifeOptions): Promise<Lived> {
  const { random } = options;
  const receiver = await slowReceiver(() => LEAST_PAUSE_MS + Math.floor(random() * MOST_PAUSE_MS));
  const life = new Life(options, receiver);
  try {
    return await life.play();
  } finally {
    life.clear();
    receiver.close();
  }
}

class Life {
  readonly #options: LifeOptions;
  readonly #receiver: SlowReceiver;
  readonly #workspace: BridgeWorkspace;
  readonly #outside = mkdtempSync(join(tmpdir(), 'rgov-outside-'));
  readonly #ledger: Ledger;
  readonly #view: View;
  readonly #checker: Checker;
  readonly #wrong: Wrong[] = [];
  #ids = 0;
  #cutOff = 0;
  #isOver = false;
  #isCut = false;

  constructor(options: LifeOptions, receiver: SlowReceiver) {
    this.#options = options;
    this.#receiver = receiver;
    this.#workspace = new BridgeWorkspace(options.disk.path);
    this.#ledger = new Ledger(this.#workspace.state);
    this.#view = new View(this.#workspace.state);
    this.#checker = new Checker(this.#view.path);
    const retry = { attempts: 100, initial: '100ms', factor: 1 };
    this.#workspace.bind({ hook: { ...webhookTo(receiver.origin), idempotent: true, concurrency: 4, retry } }, undefined, { seal: { after: '1h' } });
    options.disk.sync();
  }

  async play(): Promise<Lived> {
    if (this.#options.isQuiet !== true || this.#options.only !== undefined) await this.#prepare();
    let cuts = 0;
    while (cuts < this.#options.cuts && this.#wrong.length === 0) {
      await this.#round(this.#options.isQuiet ?? cuts % 2 === 0);
      cuts++;
    }
    if (this.#wrong.length === 0) await this.#finish();
    return {
      cuts,
      wrong: this.#wrong,
      told: this.#ledger.counts,
      events: this.#notices(),
      seals: this.#seals,
      archives: artifactsIn(this.#workspace.state, 'archives').length,
      requests: this.#receiver.log.length,
      // Of files that are torn nothing can be counted.
      indeterminate: this.#wrong.length > 0 ? 0 : this.#checker.indeterminate(),
      cutOff: this.#cutOff,
    };
  }

  clear(): void {
    this.#view.remove();
    rmSync(this.#outside, { recursive: true, force: true });
  }

  /** Many days that are over, settled and not sealed. */
  async #prepare(): Promise<void> {
    const scene = this.#scene();
    await elders(scene, DAYS);
    await this.#pass(scene);
    await sleep(COARSE_MS);
  }

  /** Work, a cut, and a look at what is there when the power is back. */
  async #round(isQuiet: boolean): Promise<void> {
    const { disk } = this.#options;
    await disk.arm();
    this.#isOver = false;
    this.#isCut = false;
    const scene = this.#scene();
    const { work, watch } = await (isQuiet ? this.#quietly(scene) : this.#busily(scene));
    this.#isCut = true;
    await disk.cut();
    this.#isOver = true;
    await watch?.stop('SIGKILL');
    await Promise.all(work);
    this.#noteTold(watch);
    disk.recover();
    this.#isCut = false;
    this.#look(null);
    // What is there now was on the disk: it may not change any more.
    if (this.#wrong.length === 0) this.#checker.seeClaims();
    if (this.#wrong.length > 0 || isQuiet) return;
    await this.#pass(scene);
    if (this.#options.random() < 0.5) await this.#verify(scene);
  }

  /** Everybody at work at once. */
  async #busily(scene: Scene): Promise<{ work: Promise<void>[]; watch: Running | null }> {
    const { random } = this.#options;
    const watch = random() < 0.5 ? this.#watch() : null;
    if (watch !== null && random() < 0.8) await watch.up();
    const told = this.#ledger.after(1 + Math.floor(random() * MOST_TOLD));
    const work = [reporter, ingester, dropper, acknowledger, archiver].map((emitter) => emitter(scene));
    if (watch === null) work.push(reconciler(scene));
    await Promise.race([told, sleep(LONGEST_ROUND_MS)]);
    if (random() < 0.5) await sleep(random() * MOST_DELAY_MS);
    return { work, watch };
  }

  /** One alone, and the cut comes as soon as it has said or sent something: nobody else syncs by the way what it left undone. */
  async #quietly(scene: Scene): Promise<{ work: Promise<void>[]; watch: null }> {
    const { random } = this.#options;
    const { log } = this.#receiver;
    const emitters = this.#options.only === 'archiver' ? [archiver] : EMITTERS;
    const emitter = emitters[Math.floor(random() * emitters.length)] as (typeof EMITTERS)[number];
    const hasNothing = emitter === acknowledger && this.#ledger.anyNotice(0) === undefined;
    // Something to send.
    if (emitter === reconciler && random() < 0.5) await ingester(scene);
    // Something to pack away.
    if (emitter === archiver) await this.#pass(scene);
    const { state } = this.#workspace;
    // What can be seen of its work from outside before it is over: a request, a seal, an archive.
    const traces = (): number => log.length + artifactsIn(state, 'seals').length + artifactsIn(state, 'archives').length;
    const before = traces();
    let told: Promise<unknown> = this.#ledger.after(1);
    if ((emitter === reconciler || emitter === archiver) && random() < 0.7)
      told = Promise.race([told, eventually('a trace', () => traces() > before, LONGEST_ROUND_MS).catch(() => {})]);
    const work = [hasNothing ? reporter(scene) : emitter(scene)];
    await Promise.race([told, sleep(LONGEST_ROUND_MS)]);
    return { work, watch: null };
  }

  /** By nothing but what lies on the disk and what the receiver got. */
  #look(notices: number | null): void {
    try {
      this.#wrong.push(...this.#ledger.lossesIn(this.#view.refresh()));
      this.#wrong.push(...this.#checker.check(this.#receiver.log, { idempotent: true, notices }));
    } catch (error) {
      // Neither JSON.parse nor tar can read it.
      this.#wrong.push({ check: 'a file is torn', what: error instanceof Error ? error.message : String(error) });
    }
  }

  /** No cut any more: everything comes to its end. */
  async #finish(): Promise<void> {
    const scene = this.#scene();
    for (let n = 0; n < MOST_PASSES_AT_THE_END; n++) {
      await this.#pass(scene);
      this.#view.refresh();
      if (this.#checker.settled() >= this.#notices()) break;
      await sleep(100);
    }
    if (this.#wrong.length > 0) return;
    await run(scene, ['archive', '--before', '1d']);
    this.#look(this.#notices());
    await this.#verify(scene);
  }

  async #pass(scene: Scene): Promise<void> {
    const ran = await run(scene, ['reconcile', '--json']);
    for (const { notice, status } of receiptsOf(ran)) this.#ledger.receipt(notice, status);
    const { quarantined, failures } = reportOf(ran);
    if (ran.code !== 0 || quarantined.length + failures.length > 0)
      this.#wrong.push({ check: 'a pass did not come to its end', what: `${ran.code} ${JSON.stringify({ quarantined, failures })} ${ran.stderr}` });
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

  /** A disk that answers nothing any more is exit code 4 with a path, or 2 where not even the documents can be read; anything else but success is a fault. */
  #ended(args: readonly string[], { code, stdout, stderr }: Ran): void {
    if (code === 0) return;
    this.#cutOff++;
    const said = `${stdout}${stderr}`;
    const isCleanly = (code === 4 && said.includes(this.#workspace.root)) || (code === 2 && /\bEIO\b/.test(said));
    if (!this.#isCut || !isCleanly)
      this.#wrong.push({ check: 'a program ended in a way that it must not', what: `rgov ${args.join(' ').slice(0, 200)}: ${code} ${said}` });
  }

  #watch(): Running {
    return new Running([process.execPath, this.#options.program ?? PROGRAM, 'watch', '-C', this.#workspace.root, '--json']);
  }

  #noteTold(watch: Running | null): void {
    if (watch === null) return;
    for (const { fact, notice, status } of watch.facts) if (fact === 'receipt') this.#ledger.receipt(String(notice), String(status));
    if (watch.stderr !== '') this.#wrong.push({ check: 'a program ended in a way that it must not', what: `rgov watch: ${watch.stderr}` });
  }

  async #verify(scene: Scene): Promise<void> {
    const { code, stdout, stderr } = await run(scene, ['verify', '--deep']);
    if (code !== 0) this.#wrong.push({ check: 'verify finds something', what: `${code} ${stdout.slice(0, 2000)} ${stderr}` });
  }

  /** Events that make a notice each: one that was recorded twice, as two processes may do at the same moment, makes one. */
  #notices(): number {
    const failed = this.#view.documents<Event>('events').filter(({ type }) => type === 'run.failed');
    return new Set(failed.map(({ source, id }) => `${source} ${id}`)).size;
  }

  get #seals(): number {
    return artifactsIn(this.#workspace.state, 'seals').filter((name) => name.endsWith('.sha256')).length;
  }
}

function artifactsIn(state: string, folder: string): string[] {
  return existsSync(join(state, folder)) ? readdirSync(join(state, folder)) : [];
}

function reportOf({ stdout }: Ran): { quarantined: unknown[]; failures: unknown[] } {
  try {
    return JSON.parse(stdout) as { quarantined: unknown[]; failures: unknown[] };
  } catch {
    return { quarantined: [], failures: [`no report: ${stdout}`] };
  }
}
