import type { ResolvedSender } from '../model/catalog.ts';
import { type ClaimingStep, claimedNow } from '../model/claims.ts';
import type { Publication } from '../model/publication.ts';
import type { PlannedAttempt, Waiting } from '../model/steps.ts';
import type { Published, Publisher } from '../store/publish.ts';
import { type AttemptDeps, type MadeOutcome, makeAttempt } from './attempts.ts';
import { BUSY_RECHECK_MS, InHand } from './in-hand.ts';
import { Line } from './line.ts';
import { News } from './news.ts';
import { Recorder } from './recorder.ts';
import { Standstill } from './standstill.ts';

/** Why an attempt that is due is not made now, and when to look again. */
export type Refusal = Pick<Waiting, 'because' | 'until_ms'>;

export interface SupervisorDeps extends AttemptDeps {
  publisher: Pick<Publisher, 'publishAll'>;
  /** What an outcome means for its notice. */
  settle(attempt: PlannedAttempt, outcome: MadeOutcome): Publication<'receipt'> | Publication<'deferral'>;
  /** Adds what this attempt proved beside a receipt that somebody else wrote first. */
  recordBeside(attempt: PlannedAttempt, outcome: MadeOutcome, receipt: Publication<'receipt'>): void;
  /** Whether a later revision outweighs this receipt although it was written just now; without it, never. */
  isOutweighed?: (receipt: Publication<'receipt'>) => boolean;
  /** Whether a claim is on disk, word for word, although writing it failed; without it, never. */
  isThere?: (claim: Publication) => boolean;
  /** Takes leave to make one attempt through a sender: rate limit, circuit breaker, what the receiver asked for. */
  admit(sender: ResolvedSender): Refusal | null;
  /** Told of every outcome of an attempt that is on disk now. */
  onRecorded(attempt: PlannedAttempt, item: Publication): void;
  /** Whether somebody has said since what became of its notice. */
  isSettled(attempt: PlannedAttempt): boolean;
}

/**
 * Makes claimed attempts, each once, as many at a time as its sender's binding allows, and writes down what came of them.
 * Nobody waits for anybody else: a slow sender holds up neither another sender nor the pass.
 */
export class Supervisor {
  readonly #deps: SupervisorDeps;
  readonly #recorder: Recorder;
  readonly #lines = new Map<string, Line>();
  readonly #inHand = new InHand();
  readonly #news = new News();
  readonly #standstill = new Standstill({ isBusy: () => this.isBusy, finish: () => this.#writeOnceMore() });
  /** Why outcomes could not be written down. */
  #writeFailure: unknown;

  constructor(deps: SupervisorDeps) {
    this.#deps = { ...deps, onProblem: (error) => this.#news.problem(error) };
    this.#recorder = new Recorder({
      publisher: deps.publisher,
      recordBeside: (...args) => this.#news.orTell(() => deps.recordBeside(...args)),
      isOutweighed: (receipt) => deps.isOutweighed?.(receipt) ?? false,
      onCreated: (item, attempt) => {
        this.#news.created(item);
        deps.onRecorded(attempt, item);
      },
      onDone: (attempt) => this.#done(attempt),
      onFailure: (error) => {
        this.#writeFailure = error;
        this.#news.problem(error);
        for (const line of this.#lines.values()) {
          line.recordsNothing();
          this.#pump(line);
        }
      },
      onWritten: () => this.#standstill.changed(),
    });
  }

  /** Whether this attempt may be claimed now (its place is reserved: {@link begin} or {@link release} it), later ({@link hold} it), or not for a while. */
  ask({ attempt }: ClaimingStep): 'now' | 'later' | Refusal {
    if (this.hasInHand(attempt.notice.name)) return this.#underWay();
    const line = this.#lineOf(attempt);
    this.#inHand.planned(attempt.notice.name, this.#deps.clock());
    if (line.holds(attempt.notice.name) || !line.hasRoom(attempt)) return 'later';
    const refusal = this.#admit(attempt.sender);
    if (refusal === null) this.#reserve(attempt, line);
    else this.#inHand.letGo(attempt.notice.name);
    return refusal ?? 'now';
  }

  begin(attempt: PlannedAttempt): void {
    const line = this.#lineOf(attempt);
    line.add(attempt);
    this.#pump(line);
  }

  release(attempt: PlannedAttempt): void {
    const line = this.#lineOf(attempt);
    this.#inHand.done(attempt.notice.name);
    line.release();
    this.#pump(line);
  }

  /** The claim could not be written. Where it is there all the same, nobody else may make this attempt: it is said that nothing came of it. */
  abandon({ attempt, publication }: ClaimingStep): void {
    if (!this.#isThere(publication)) {
      this.release(attempt);
      return;
    }
    const line = this.#lineOf(attempt);
    line.release();
    const outcome: MadeOutcome = {
      kind: 'not_begun',
      reason: 'nothing was sent: it could not be made sure that the claim on this attempt is durable',
    };
    this.#recorder.add({ attempt, outcome, publication: this.#deps.settle(attempt, outcome) });
    this.#pump(line);
  }

  /** Whether an attempt of this notice is being claimed, waits for its turn, is under way or is being written down here. */
  hasInHand(notice: string): boolean {
    return this.#inHand.hasClaimed(notice);
  }

  /** Claims it and makes it as soon as its sender has room; not where that was done since it was planned. */
  hold(step: ClaimingStep): Waiting {
    if (this.hasInHand(step.attempt.notice.name)) return { notice: step.attempt.notice.name, ...this.#underWay() };
    const line = this.#lineOf(step.attempt);
    line.hold(step);
    this.#pump(line);
    return { notice: step.attempt.notice.name, because: 'sender_busy', until_ms: this.#deps.clock() + BUSY_RECHECK_MS };
  }

  /** When a notice whose attempt is in hand need be looked at again; null where that is now, or none is in hand. */
  lookAgainAt(notice: string): number | null {
    return this.#inHand.lookAgainAt(notice, this.#deps.clock());
  }

  /** Lets go of what is not claimed. */
  letGo(): void {
    for (const line of this.#lines.values()) this.#letAllGo(line);
  }

  /** What was written down since this was asked last, and what went wrong beside it. */
  news(): ReturnType<News['take']> {
    return this.#news.take();
  }

  get isBusy(): boolean {
    return this.#recorder.isWriting || [...this.#lines.values()].some((line) => line.isBusy);
  }

  /** Resolves when nothing is under way and every outcome is on disk. Throws where one cannot be written. */
  idle(): Promise<void> {
    return this.#standstill.reached();
  }

  /** The same, but waits no longer than `ms`, or until {@link interrupt}. */
  idleWithin(ms: number): Promise<void> {
    return this.#standstill.reachedWithin(ms);
  }

  /** There is something else to do. */
  interrupt(): void {
    this.#standstill.interrupt();
  }

  async #writeOnceMore(): Promise<boolean> {
    if (this.#recorder.unwritten === 0) return false;
    // The failure of the first try is this one's own.
    this.#news.withdraw(this.#writeFailure);
    await this.#recorder.retry();
    return true;
  }

  #lineOf({ sender }: PlannedAttempt): Line {
    const known = this.#lines.get(sender.name);
    if (known) return known;
    const line = new Line();
    this.#lines.set(sender.name, line);
    return line;
  }

  #pump(line: Line): void {
    for (let attempt = line.next(); attempt; attempt = line.next()) void this.#make(attempt, line);
    const held = line.firstHeld();
    if (held && !line.isClaiming && line.hasRoomForMany(held.attempt)) void this.#claimHeld(line);
  }

  async #make(attempt: PlannedAttempt, line: Line): Promise<void> {
    const outcome = await makeAttempt(attempt, this.#deps);
    line.ended(attempt);
    this.#recorder.add({ attempt, outcome, publication: this.#deps.settle(attempt, outcome) });
    this.#pump(line);
    this.#standstill.changed();
  }

  #done(attempt: PlannedAttempt): void {
    this.#inHand.done(attempt.notice.name);
    const line = this.#lineOf(attempt);
    line.recorded(attempt);
    this.#pump(line);
  }

  async #claimHeld(line: Line): Promise<void> {
    line.isClaiming = true;
    const group: ClaimingStep[] = [];
    try {
      this.#takeHeld(line, group);
      const results = await this.#deps.publisher.publishAll(
        group.map(({ publication }, i) => ({ chain: group[i]?.attempt.notice.name ?? '', publication })),
      );
      this.#claimed(group.splice(0), results);
    } catch (error) {
      // Whatever was not claimed is still due, and found again by the next look.
      this.#letAllGo(line);
      this.#news.problem(error);
    } finally {
      for (const step of group) this.abandon(step);
      line.isClaiming = false;
      this.#pump(line);
      this.#standstill.changed();
    }
  }

  #takeHeld(line: Line, group: ClaimingStep[]): void {
    for (let step = line.firstHeld(); step && line.hasRoom(step.attempt); step = line.firstHeld()) {
      line.letGo(step.attempt.notice.name);
      if (this.#deps.isSettled(step.attempt)) {
        this.#inHand.letGo(step.attempt.notice.name);
        continue;
      }
      // The next look will find the same refusal, and say so.
      if (this.#admit(step.attempt.sender) !== null) {
        this.#letAllGo(line);
        return;
      }
      this.#reserve(step.attempt, line);
      group.push(claimedNow(step, this.#deps.clock()));
    }
  }

  #claimed(group: readonly ClaimingStep[], results: readonly Published[]): void {
    group.forEach(({ attempt, publication }, i) => {
      if (results[i] === 'created') {
        this.#news.created(publication);
        this.begin(attempt);
      } else this.release(attempt);
    });
  }

  /** Where it cannot be told whether one more attempt is allowed, none is made through this sender; the others go on. */
  #admit(sender: ResolvedSender): Refusal | null {
    try {
      return this.#deps.admit(sender);
    } catch (error) {
      this.#news.problemOnce(error);
      return { because: 'rate_limited', until_ms: this.#deps.clock() + BUSY_RECHECK_MS };
    }
  }

  /** A plan from before this process claimed it: a second claim would fail, and its end would be taken for the end of the first. */
  #underWay(): Refusal {
    return { because: 'attempt_in_flight', until_ms: this.#deps.clock() + BUSY_RECHECK_MS };
  }

  #reserve({ notice }: PlannedAttempt, line: Line): void {
    this.#inHand.claimed(notice.name);
    line.reserve();
  }

  #isThere(claim: Publication): boolean {
    try {
      return this.#deps.isThere?.(claim) ?? false;
    } catch {
      return false;
    }
  }

  #letAllGo(line: Line): void {
    for (const notice of line.letAllGo()) this.#inHand.letGo(notice);
  }
}
