import { randomUUID } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import { isSecretRef } from '../model/secret.ts';
import { formatTime } from '../model/time.ts';
import { writeMark } from './heartbeat/mark-file.ts';
import { type LastPing, nextPing_ms, pingIsDue, readLastPing, rememberPing } from './heartbeat/memory.ts';
import { type PingResult, ping, type Signal } from './heartbeat/ping.ts';
import { type Verdict, verdictOf, verdictOfError } from './heartbeat/verdict.ts';
import { secretResolver } from './host.ts';
import type { PassReport } from './pass-report.ts';
import type { Workspace } from './workspace.ts';

const TIME_LIMIT_MS = 10_000;

export interface PingerOptions {
  clock: () => number;
  /** Told once for every ping, also for one that nobody heard. */
  onResult?: ((result: PingResult) => void) | undefined;
  /** For each request. */
  limit_ms?: number | undefined;
  env?: NodeJS.ProcessEnv | undefined;
}

/** One pass, as far as an outside monitor is concerned. */
interface Beat {
  workspace: Workspace;
  runId: string;
  at_ms: number;
  due: boolean;
  started: Promise<PingResult | null>;
}

/**
 * Tells an outside monitor that passes complete, for as long as a process lives; the catalog may change from pass to pass.
 * Whatever happens to a ping, no pass waits for it or fails by it, and at most one is on its way.
 */
export class Pinger {
  /** What came of the last ping of this process. */
  last: PingResult | null = null;
  readonly #options: PingerOptions;
  /** Where state cannot be written, nothing else keeps us from pinging at every pass. */
  #remembered: LastPing | null = null;
  #busy = false;
  #underWay: Promise<void> | null = null;
  /** A failure that happened while a ping was on its way: silence about it could last until the next pass. */
  #postponed: [Beat, Verdict] | null = null;
  readonly #open = new Set<AbortController>();
  #closed = false;

  constructor(options: PingerOptions) {
    this.#options = options;
  }

  /** Makes the pass, and says outside how it ended if that is wanted now. What the pass returns or throws is passed on as it is. */
  async during(workspace: Workspace, pass: () => Promise<PassReport>): Promise<PassReport> {
    if (!workspace.catalog.heartbeat) return pass();
    const beat = this.#begin(workspace);
    let report: PassReport;
    try {
      report = await pass();
    } catch (error) {
      this.#end(beat, verdictOfError(error));
      throw error;
    }
    this.#end(beat, verdictOf(report));
    return report;
  }

  /** When a pass is needed only because the monitor wants to hear of one; null if nobody listens. */
  nextDue_ms({ catalog, layout }: Workspace): number | null {
    return catalog.heartbeat && nextPing_ms(catalog.heartbeat, this.#lastPing(layout), catalog.digest, this.#options.clock());
  }

  /** Resolves when no ping is on its way any more; each is cut off at its time limit. */
  async settled(): Promise<void> {
    while (this.#underWay) await this.#underWay;
  }

  /** The same for a process that has to end: waits no longer than the time limit of one request, and sends nothing afterwards. */
  async close(): Promise<void> {
    const timer = setTimeout(() => this.#cut(), this.#limit_ms);
    await this.settled();
    clearTimeout(timer);
    this.#cut();
  }

  get #limit_ms(): number {
    return this.#options.limit_ms ?? TIME_LIMIT_MS;
  }

  #cut(): void {
    this.#closed = true;
    for (const controller of this.#open) controller.abort();
  }

  #lastPing(layout: Workspace['layout']): LastPing | null {
    return readLastPing(layout) ?? this.#remembered;
  }

  #begin(workspace: Workspace): Beat {
    const { catalog, layout } = workspace;
    const at_ms = this.#options.clock();
    const beat: Beat = { workspace, runId: randomUUID(), at_ms, due: false, started: Promise.resolve(null) };
    if (this.#busy || this.#closed || !catalog.heartbeat) return beat;
    beat.due = pingIsDue(catalog.heartbeat, this.#lastPing(layout), catalog.digest, at_ms);
    if (!beat.due) return beat;
    this.#busy = true;
    if (catalog.heartbeat.kind === 'url') beat.started = this.#send(beat, 'start', '');
    return beat;
  }

  #end(beat: Beat, verdict: Verdict): void {
    if (!beat.due) {
      if (verdict.healthy || this.#lastPing(beat.workspace.layout)?.healthy === false) return;
      // The outside still believes that all is well.
      if (this.#busy) {
        this.#postponed = [beat, verdict];
        return;
      }
      this.#busy = true;
    }
    this.#underWay = this.#finish(beat, verdict).then(() => {
      this.#busy = false;
      this.#underWay = null;
      const postponed = this.#postponed;
      this.#postponed = null;
      if (postponed) this.#end(...postponed);
    });
  }

  async #finish(beat: Beat, verdict: Verdict): Promise<void> {
    const { layout, catalog } = beat.workspace;
    // In this order, or the monitor would wait for the end of a run that is over.
    const started = await beat.started;
    // What is not said need not be remembered, or the next process would take it for said.
    if (this.#closed) return;
    const ended = await this.#send(beat, verdict.healthy ? 'success' : 'fail', verdict.words);
    this.#remembered = { at_ms: beat.at_ms, healthy: verdict.healthy, arrived: ended.ok, catalog: catalog.digest };
    rememberPing(layout, this.#remembered);
    this.last = started?.ok === false && ended.ok ? { ok: true, detail: `${ended.detail}, but not its start: ${started.detail}` } : ended;
    try {
      this.#options.onResult?.(this.last);
    } catch {
      // Whoever listens has no say in what becomes of the pass.
    }
  }

  /** Never throws. */
  async #send({ workspace, runId }: Beat, signal: Signal, words: string): Promise<PingResult> {
    const { root, catalog } = workspace;
    if (catalog.heartbeat === null) return { ok: false, detail: 'no heartbeat is declared' };
    const { kind, to } = catalog.heartbeat;
    const resolve = secretResolver(root, this.#options.env ?? process.env);
    if (kind === 'file') {
      if (isSecretRef(to)) return { ok: false, detail: 'no heartbeat was written: the name of its file is a secret' };
      const mark = { at: formatTime(this.#options.clock()), ok: signal === 'success', pid: process.pid, run: runId, detail: words.trim() };
      return writeMark(isAbsolute(to) ? to : join(root, to), to, mark);
    }
    const controller = new AbortController();
    this.#open.add(controller);
    const timer = setTimeout(() => controller.abort(), this.#limit_ms);
    try {
      return await ping(to, signal, runId, words, resolve, controller.signal);
    } finally {
      clearTimeout(timer);
      this.#open.delete(controller);
    }
  }
}

/** One pass of a process that ends with it: what came of the ping, if one was wanted, stands in the report. */
export async function passWithHeartbeat(workspace: Workspace, options: PingerOptions, pass: () => Promise<PassReport>): Promise<PassReport> {
  const pinger = new Pinger(options);
  let report: PassReport;
  try {
    report = await pinger.during(workspace, pass);
  } finally {
    await pinger.settled();
  }
  return pinger.last === null ? report : { ...report, heartbeat: pinger.last };
}
