import { messageOf } from '../model/errors.ts';
import { waitingDrops } from '../store/drops.ts';
import { type LiveApplier, liveApplier } from './applier.ts';
import { bridgePass, checkSender } from './bridge.ts';
import { completePass } from './complete-pass.ts';
import type { Pinger } from './heartbeat.ts';
import { packageVersion, type WorkspaceOptions } from './locate.ts';
import { countIn, emptyReport, type PassReport } from './pass-report.ts';
import { DocumentWatch } from './watch/document-watch.ts';
import { type Fact, factsOfPass, isFruitful } from './watch/facts.ts';
import type { Listening } from './watch/listening.ts';
import { Memory } from './watch/memory.ts';
import { Reloader } from './watch/reload.ts';
import { type Moment, Schedule, type WakeReason } from './watch/schedule.ts';
import { onSignals } from './watch/signals.ts';
import { StateWatch } from './watch/state-watch.ts';
import { CutOff, Stopping, stoppable } from './watch/stopping.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

export type { Fact } from './watch/facts.ts';

const LEAST_RESCAN_MS = 1_000;

export interface WatchOptions extends WorkspaceOptions {
  /** At least once in so many milliseconds everything is looked at, whatever was or was not heard. */
  rescan_ms: number;
  tell(fact: Fact): void;
  /** Of a bridge: the only sender that it serves; it takes in no drops, and nobody is told of its passes outside. */
  bridge?: string;
}

/** Reconciles at once and then whenever there is a reason to, until a signal ends it. Throws only if it cannot begin. */
export async function watch(options: WatchOptions): Promise<void> {
  const workspace = await openWorkspace(options);
  if (options.bridge !== undefined) checkSender(workspace, options.bridge);
  const watcher = new Watcher(options, workspace);
  const letGo = onSignals({ stop: (signal) => watcher.stop(signal), hangup: () => watcher.wake('hangup') });
  try {
    await watcher.run();
  } finally {
    letGo();
  }
}

class Watcher {
  readonly #options: WatchOptions;
  readonly #schedule: Schedule;
  /** A pass that was cut off has not failed, and must not be told outside as one that has. */
  readonly #stopping = new Stopping(() => void this.#pinger?.close());
  readonly #documents: DocumentWatch;
  readonly #reloader: Reloader;
  readonly #memory = new Memory();
  #workspace: Workspace;
  #live: LiveApplier;
  #leaving: Promise<unknown> = Promise.resolve();
  #state: StateWatch;
  /** Made when a heartbeat is declared. */
  #pinger: Pinger | undefined;
  #pingsArrive = true;
  /** Made when sources are declared. */
  #listening: Listening | undefined;
  #endSleep: () => void = () => {};
  #failures: readonly string[] = [];
  /** What the last pass broke off with; null after one that came to its end. */
  #broken: string | null = null;
  /** What cannot be watched: since the last rescan, and between the two before it. */
  #limits = new Set<string>();
  #limitsBefore: ReadonlySet<string> = new Set();

  constructor(options: WatchOptions, workspace: Workspace) {
    this.#options = options;
    this.#workspace = workspace;
    this.#schedule = new Schedule(this.#rescan_ms(), now());
    this.#live = this.#applier();
    this.#state = this.#stateWatch();
    this.#documents = new DocumentWatch(workspace.root, { changed: () => this.wake('documents'), limited: this.#limited });
    this.#reloader = new Reloader({ workspace: workspace.root, binding: options.binding });
  }

  wake(reason: WakeReason): void {
    this.#schedule.wake(reason);
    if (reason === 'inbox') this.#live.applier.supervisor.interrupt();
    this.#endSleep();
  }

  stop(signal: string): void {
    this.#stopping.request(signal);
    this.#live.applier.supervisor.interrupt();
    this.#endSleep();
  }

  async run(): Promise<void> {
    this.#state.attach({ create: this.#options.bridge === undefined });
    const { catalog, layout } = this.#workspace;
    const { binding, profile, posture, digest } = catalog;
    this.#tell({
      fact: 'started',
      binding,
      profile,
      posture,
      digest,
      state: layout.root,
      rescan_ms: this.#rescan_ms(),
      pid: process.pid,
      version: packageVersion(),
    });
    const documentsWatched = this.#documents.start().catch((error: unknown) => this.#limited(this.#workspace.root, messageOf(error)));
    while (this.#stopping.signal === null) {
      const next = this.#schedule.next(now());
      if ('sleep_ms' in next) await this.#sleep(next.sleep_ms);
      else {
        await this.#turn(next.reasons);
        await echoesHeard();
      }
    }
    await documentsWatched;
    await this.#documents.close();
    this.#state.close();
    await Promise.all([this.#leaving, this.#leave(this.#live)]);
    await Promise.all([this.#pinger?.close(), this.#listening?.close()]);
    this.#tell({ fact: 'stopped', signal: this.#stopping.signal });
  }

  #sleep(sleep_ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, sleep_ms);
      this.#endSleep = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #turn(reasons: WakeReason[]): Promise<void> {
    const reloaded = reasons.some((reason) => reason === 'documents' || reason === 'rescan' || reason === 'hangup') && (await this.#reload());
    if (reasons.includes('rescan')) {
      this.#limitsBefore = this.#limits;
      this.#limits = new Set();
      this.#state.attach({ create: this.#options.bridge === undefined });
    }
    const idle = (reason: WakeReason): boolean => reason === 'documents' || (reason === 'inbox' && this.#inboxIsEmpty());
    if (reloaded || !reasons.every(idle)) await this.#pass(reasons);
  }

  /** Taking a drop out of the folder wakes us, too. */
  #inboxIsEmpty(): boolean {
    try {
      return waitingDrops(this.#workspace.layout).length === 0;
    } catch {
      return false;
    }
  }

  async #pass(reasons: WakeReason[]): Promise<void> {
    try {
      const report = await this.#makePass();
      const fruitful = isFruitful(report);
      this.#schedule.passed({ fruitful, nextDue_ms: report.nextDue_ms }, now());
      this.#expectPing();
      if (fruitful) this.#memory.worked();
      const newFailures = report.failures.filter((message) => !this.#failures.includes(message));
      this.#failures = report.failures;
      if (fruitful || newFailures.length > 0 || this.#broken !== null) for (const fact of factsOfPass(report, reasons, newFailures)) this.#tell(fact);
      this.#broken = null;
    } catch (error) {
      this.#schedule.failed(now());
      if (error instanceof CutOff) return;
      // What keeps failing in the same way is said once for each rescan.
      if (messageOf(error) !== this.#broken || reasons.includes('rescan')) this.#tell({ fact: 'pass_failed', error });
      this.#broken = messageOf(error);
    }
  }

  /** Waits for the attempts that are under way, and tells what came of them: no pass will. */
  async #leave(live: LiveApplier): Promise<void> {
    await live.close();
    const report = emptyReport(Date.now());
    for (const item of live.applier.supervisor.news().created) countIn(report, item);
    for (const receipt of report.receipts) this.#tell({ fact: 'receipt', ...receipt });
  }

  async #makePass(): Promise<PassReport> {
    const { bridge } = this.#options;
    if (bridge === undefined) await this.#listen();
    if (bridge !== undefined) return bridgePass(this.#workspace, this.#live, { sender: bridge, clock: Date.now });
    return completePass(this.#workspace, this.#live, { clock: Date.now, pinger: await this.#pingerIfWanted() });
  }

  /** Asks the sources that are due; no pass waits for them. */
  async #listen(): Promise<void> {
    if (this.#workspace.catalog.sources.length === 0) return;
    this.#listening ??= new (await import('./watch/listening.ts')).Listening({
      changed: (source, failure) => this.#tell({ fact: 'source', source, ok: failure === null, detail: failure ?? '' }),
      news: () => this.wake('source'),
      done: () => {
        this.#expectAsk();
        this.#endSleep();
      },
    });
    this.#listening.start(this.#workspace);
    this.#expectAsk();
  }

  #expectAsk(): void {
    this.#schedule.ask(this.#listening?.nextAsk_ms(this.#workspace) ?? null);
  }

  async #pingerIfWanted(): Promise<Pinger | undefined> {
    if (!this.#workspace.catalog.heartbeat) return undefined;
    this.#pinger ??= new (await import('./heartbeat.ts')).Pinger({
      clock: Date.now,
      onResult: ({ ok, detail }) => {
        if (ok !== this.#pingsArrive) this.#tell({ fact: 'heartbeat', ok, detail });
        this.#pingsArrive = ok;
        this.#expectPing();
        this.#endSleep();
      },
    });
    return this.#pinger;
  }

  /** While one is on its way the next one seems to be due already: it is asked again when that one is over. */
  #expectPing(): void {
    const next_ms = this.#pinger?.nextDue_ms(this.#workspace) ?? null;
    this.#schedule.ping(next_ms !== null && next_ms > Date.now() ? next_ms : null);
  }

  /** Whether other documents are in force now. */
  async #reload(): Promise<boolean> {
    const found = await this.#reloader.look(this.#workspace);
    if (found.kind === 'invalid') this.#tell(found.fact);
    if (found.kind === 'invalid' || found.kind === 'same') return false;
    const before = this.#workspace;
    const { catalog, layout } = found.workspace;
    const { binding, profile, posture, digest } = catalog;
    this.#tell({ fact: 'reloaded', binding, profile, posture, digest, state: layout.root, changed: digest !== before.catalog.digest });
    this.#workspace = found.workspace;
    this.#memory.worked();
    // What is under way through the senders of before comes to its end beside the new ones.
    this.#leaving = Promise.all([this.#leaving, this.#leave(this.#live)]);
    this.#live = this.#applier();
    this.#state.close();
    this.#state = this.#stateWatch();
    this.#state.attach({ create: this.#options.bridge === undefined });
    return true;
  }

  /** Often enough that our own sleep is never taken for an absence. */
  #rescan_ms(): number {
    const { gapAfter_ms } = this.#workspace.catalog;
    return Math.max(LEAST_RESCAN_MS, Math.min(this.#options.rescan_ms, gapAfter_ms === null ? Number.POSITIVE_INFINITY : gapAfter_ms / 2));
  }

  #applier(): LiveApplier {
    return liveApplier(this.#workspace, Date.now, { lasting: true, ...stoppable(this.#workspace, this.#stopping) });
  }

  #stateWatch(): StateWatch {
    return new StateWatch(this.#workspace.layout, { woken: (reason) => this.wake(reason), limited: this.#limited });
  }

  readonly #limited = (path: string, message: string): void => {
    const limit = `${path} ${message}`;
    const known = this.#limits.has(limit) || this.#limitsBefore.has(limit);
    this.#limits.add(limit);
    if (!known) this.#tell({ fact: 'watching_limited', path, message });
  };

  #tell(fact: Fact): void {
    this.#options.tell(fact);
  }
}

/** What our own work has set ringing arrives with the next turn of the event loop: together it makes one more pass, not two. */
async function echoesHeard(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const now = (): Moment => ({ wall_ms: Date.now(), steady_ms: performance.now() });
