import { type Applier, applySteps } from '../apply/index.ts';
import { type Event, type Notice, STAGES, type Stage, type Stored } from '../model/artifacts.ts';
import { RgovError } from '../model/errors.ts';
import { dayOf } from '../model/names.ts';
import { asStored, type Publication } from '../model/publication.ts';
import type { RaisedNotice } from '../model/snapshot.ts';
import type { Step } from '../model/steps.ts';
import { WATCHDOG_SOURCE } from '../model/words.ts';
import { historyNeeded } from '../plan/features/dedupe/index.ts';
import { plan } from '../plan/index.ts';
import { completeKey, writeComplete } from '../store/day-index.ts';
import { Loader, type LoadRequest } from '../store/load.ts';
import { rememberLastWords } from '../store/subjects.ts';
import { nothingFound, type Survey } from '../store/survey.ts';
import { BATCH, batches } from './batches.ts';
import { loadConditions } from './conditions.ts';
import type { Inbox } from './inbox.ts';
import { countIn, type PassDeps, type PassReport } from './pass-report.ts';
import type { Raised } from './raise.ts';
import type { Senses } from './senses.ts';
import { withWhatWasSaid } from './unproved.ts';

/** Batches under way at once: while one waits for the disk or for its receivers, the next one is read and planned. */
const LANES = 3;

/** So long a process that makes many passes waits for attempts that are under way: what is quick belongs to the same pass. */
export const PATIENCE_MS = 100;

/** Turns of the event loop until a request is on its way over a connection that was kept. */
const TURNS_TO_LEAVE = 3;

/** One look after another at everything that is not settled, within one pass. */
export class Round {
  readonly #deps: PassDeps;
  readonly #senses: Senses;
  readonly #applier: Applier;
  readonly #report: PassReport;
  readonly #raised: RaisedNotice[] = [];
  /** Events found whole in this pass, by day. */
  readonly #verified = new Map<string, Set<string>>();
  /** Events whose subjects may have a new last word; written after everything that somebody waits for. */
  readonly #heard: Stored<Event>[] = [];
  /** Days on which something could not be read or moved. */
  readonly #blurred = new Set<string>();
  /** Events that came in with this look, and are on disk now. */
  readonly #recorded = new Set<string>();
  /** What the watchdog found and cannot write down, in words. */
  readonly #refused = new Set<string>();
  #isRaised = true;
  #restless = false;

  constructor(deps: PassDeps, senses: Senses, report: PassReport) {
    this.#deps = deps;
    this.#senses = senses;
    this.#report = report;
    this.#applier = {
      ...deps.applier,
      quarantine: (file) => {
        this.#orReport(file.path.split('/')[1] ?? '', () => {
          deps.applier.quarantine(file);
          report.quarantined.push(file);
          this.#restless = true;
          this.#forget(file.path);
        });
      },
    };
  }

  /** Takes in what has just been dropped, without a look at anything else. */
  async answer(arrivals: ReadonlyMap<string, Publication<'event'>>): Promise<void> {
    await this.run(nothingFound(this.#deps.clock()), arrivals);
    this.#raised.splice(0);
  }

  /** One look at everything that is not settled. Returns whether anything changed on disk. */
  async run(found: Survey, arrivals: ReadonlyMap<string, Publication<'event'>> = new Map()): Promise<boolean> {
    this.#restless = false;
    this.#report.waiting = [];
    this.#report.failures = [...this.#refused];
    for (const file of found.bad) this.#applier.quarantine(file);
    const { layout } = this.#deps.workspace;
    const loader = new Loader(layout, found, this.#deps.host.livenessOf, this.#deps.io);
    const unverified = found.unverified.filter((name) => !this.#isVerified(name));
    const undecided = [...new Set([...found.undecided, ...arrivals.keys()])].sort();
    const { toRead, waiting } = this.#senses.promises.sort(found.unproved, this.#deps.clock());
    this.#report.waiting.push(...waiting);
    const open = found.open.filter(({ name }) => !this.#isInHand(name));
    const requests = batches({ open, unproved: toRead }, unverified, undecided);
    const total = requests.reduce((sum, { undecided: events }) => sum + events.length, 0);
    const onDisk = new Set(found.undecided);
    let done = 0;
    let next = 0;
    let failure: unknown;
    const lane = async (): Promise<void> => {
      for (let request = requests[next++]; request && failure === undefined; request = requests[next++]) {
        await this.#batch(loader, request, arrivals, onDisk);
        done += request.undecided.length;
        if (total > BATCH) this.#deps.onProgress?.(done, total);
      }
    };
    // When one lane fails, the others come to their end: what they have sent must be written down, if it can be.
    const failing = (error: unknown): void => {
      failure ??= error;
    };
    await Promise.all(Array.from({ length: LANES }, () => lane().catch(failing)));
    if (failure !== undefined) await this.#abandon(failure);
    // Only when nothing else is left to do can a child not get its parent back any more.
    if (!this.#restless) for (const file of found.orphans) this.#applier.quarantine(file);
    return this.#restless;
  }

  /**
   * Waits for the attempts that are under way and takes in what came of them; a process that makes more passes waits for
   * quick ones only. Returns whether anything is new on disk.
   */
  async attempts(): Promise<boolean> {
    const { supervisor } = this.#applier;
    if (this.#heard.length > 0) {
      // Requests leave first.
      if (supervisor.isBusy) for (let turn = 0; turn < TURNS_TO_LEAVE; turn++) await new Promise((resolve) => setImmediate(resolve));
      this.hear(this.#heard.splice(0));
    }
    if (this.#senses.lasting) await supervisor.idleWithin(PATIENCE_MS);
    else await supervisor.idle();
    return this.#takeNews();
  }

  /** What has been sent must be written down, if it can be, before the failure is told. */
  async #abandon(failure: unknown): Promise<never> {
    const { supervisor } = this.#applier;
    supervisor.letGo();
    if (!this.#senses.lasting) await supervisor.idle().catch(() => {});
    throw failure;
  }

  #takeNews(): boolean {
    const { created, problems } = this.#applier.supervisor.news();
    for (const item of created) this.#count(item);
    for (const problem of problems) {
      if (!(problem instanceof RgovError)) throw problem;
      if (!this.#report.failures.includes(problem.message)) this.#report.failures.push(problem.message);
    }
    return created.length > 0;
  }

  /** Lets the watchdog write down what it has found. Returns whether anything is new on disk. */
  async raise(write: () => Promise<Raised>): Promise<boolean> {
    this.#isRaised = false;
    const { created, refused } = await write();
    this.#isRaised = refused.length === 0;
    for (const why of refused) {
      this.#refused.add(why);
      this.#report.failures.push(why);
    }
    for (const item of created) this.#count(item);
    return created.length > 0;
  }

  /** Puts into the report what was written before this look. */
  count(items: readonly Publication[]): void {
    for (const item of items) this.#count(item);
  }

  /** Makes records of subjects whose last words these are. */
  hear(events: readonly Stored<Event>[]): void {
    if (events.length > 0) rememberLastWords(this.#deps.workspace.layout, events, this.#deps.clock());
  }

  /** Takes away the drops whose events are on disk, and moves aside those that hold anything else. */
  settle(inbox: Inbox): void {
    this.#report.failures.push(...inbox.unreadable);
    this.#orReport('', () => {
      for (const file of inbox.settle(this.#recorded)) this.#applier.quarantine(file);
    });
  }

  async #batch(
    loader: Loader,
    request: LoadRequest,
    arrivals: ReadonlyMap<string, Publication<'event'>>,
    onDisk: ReadonlySet<string>,
  ): Promise<void> {
    const { workspace, clock } = this.#deps;
    const conditions = await loadConditions(request.undecided.length > 0);
    const loaded = loader.load({ ...request, undecided: request.undecided.filter((name) => onDisk.has(name)) }, this.#raised);
    for (const name of request.undecided) {
      const unrecorded = onDisk.has(name) ? undefined : arrivals.get(name);
      if (unrecorded) loaded.undecided.push({ ...asStored(name, unrecorded), duplicateOf: null, unrecorded });
    }
    for (const { name, error } of loaded.unreadable) this.#reportFailure(dayOf(name), error);
    this.#loadHistory(loaded.undecided, loaded);
    for (const name of loaded.verified) this.#markVerified(name);
    const now_ms = clock();
    const unproved = loaded.unproved.map((item) => withWhatWasSaid(workspace.layout, item, now_ms));
    const { steps, waiting } = plan({ ...loaded, unproved }, workspace.catalog, conditions, { now_ms, owner: this.#deps.host.owner });
    this.#report.waiting.push(...waiting);
    this.#senses.promises.remember(unproved, now_ms);
    for (const step of steps) if (step.kind === 'enqueue') this.#remember(step.publication.document);
    await this.#apply(steps);
    this.#heard.push(...loaded.undecided, ...loaded.heard);
  }

  /** Loads earlier notices that these events may be deduplicated against; a span that is covered already is not read again. */
  #loadHistory(events: readonly Stored<Event>[], loaded: { bad: Survey['bad'] }): void {
    const { workspace } = this.#deps;
    const range = historyNeeded(
      workspace.catalog.rules,
      events.map(({ document }) => Date.parse(document.time)),
    );
    if (!range) return;
    const found = this.#senses.raised.load(workspace.layout, range, loaded.bad);
    const known = new Set(this.#raised.map(({ name }) => name));
    this.#raised.push(...found.filter(({ name }) => !known.has(name)));
  }

  /** At once and not when it is on disk: the next batch is planned before that. */
  #remember({ id, rule, dedupe, time }: Notice): void {
    if (!dedupe) return;
    const raised = { name: id, pack: rule.pack, rule: rule.id, key: dedupe.key, time_ms: Date.parse(time) };
    this.#raised.push(raised);
    this.#senses.raised.add(raised);
  }

  async #apply(steps: readonly Step[]): Promise<void> {
    if (steps.length === 0) return;
    const applied = await applySteps(steps, this.#applier);
    this.#report.waiting.push(...applied.waiting);
    if (applied.created.length > 0) this.#restless = true;
    for (const [chain, why] of applied.faulty) this.#reportFailure(dayOf(chain), new RgovError('internal', why));
    for (const name of applied.verified) this.#markVerified(name);
    for (const item of applied.created) this.#count(item);
  }

  #count(item: Publication): void {
    const report = this.#report;
    if (item.kind === 'event') {
      const { type, subject, source } = item.document as Event;
      const name = item.file.slice(0, -'.json'.length);
      if (source === WATCHDOG_SOURCE) report.raised.push({ event: name, type, subject });
      else this.#recorded.add(name);
    }
    countIn(report, item);
  }

  #orReport(day: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof RgovError)) throw error;
      this.#reportFailure(day, error);
    }
  }

  #reportFailure(day: string, { message }: RgovError): void {
    this.#report.failures.push(message);
    this.#blurred.add(day);
  }

  /** Whatever was verified against a file that is gone now must be looked at again. */
  #forget(path: string): void {
    const [stage, day = ''] = path.split('/');
    if (!STAGES.includes(stage as Stage)) return;
    this.#verified.delete(day);
    writeComplete(this.#deps.workspace.layout.cache, day, new Set(), 0);
  }

  /** Whether an attempt of this notice is in hand, and its end will be heard of. */
  #isInHand(notice: string): boolean {
    const until_ms = this.#applier.supervisor.lookAgainAt(notice);
    if (until_ms !== null) this.#report.waiting.push({ notice, because: 'attempt_in_flight', until_ms });
    return until_ms !== null;
  }

  #isVerified(event: string): boolean {
    return this.#verified.get(dayOf(event))?.has(completeKey(event)) ?? false;
  }

  #markVerified(event: string): void {
    const day = dayOf(event);
    const known = this.#verified.get(day);
    if (known) known.add(completeKey(event));
    else this.#verified.set(day, new Set([completeKey(event)]));
  }

  /** Whether everything that the watchdog found last is on disk. */
  get isRaised(): boolean {
    return this.#isRaised;
  }

  get blurred(): ReadonlySet<string> {
    return this.#blurred;
  }

  verifiedOn(day: string): ReadonlySet<string> {
    return this.#verified.get(day) ?? new Set();
  }
}
