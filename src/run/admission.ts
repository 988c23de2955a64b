import type { Refusal } from '../apply/supervisor.ts';
import type { Deferral, Receipt } from '../model/artifacts.ts';
import type { ResolvedSender } from '../model/catalog.ts';
import { dayOf, linkedName } from '../model/names.ts';
import type { Publication } from '../model/publication.ts';
import { formatTime } from '../model/time.ts';
import { askedToWait, circuitOf, type SenderHistory } from '../plan/features/breaker/index.ts';
import type { Layout } from '../store/layout.ts';
import { nextTurnAt, takeTurn } from '../store/rate.ts';
import { type FailedAttempt, recentFailures, successAfter } from '../store/recent-attempts.ts';
import type { Survey } from '../store/survey.ts';

type Found = Pick<Survey, 'open' | 'unproved'>;

/** How soon others look again while one attempt tries whether it goes again. */
const PROBE_RECHECK_MS = 5_000;
/** More than this is forgotten as a whole: it only saves reading. */
const MAX_KNOWN = 10_000;

/**
 * Whether an attempt may be made through a sender now: what its receiver asked for, its circuit breaker, its rate limit. All of
 * it follows from what is on disk; what this process has just written down itself it need not read again.
 */
export class Admission {
  readonly #layout: Layout;
  readonly #clock: () => number;
  #found: Found = { open: [], unproved: [] };
  #failures: FailedAttempt[] | null = null;
  /** What was read before, by file. */
  readonly #known = new Map<string, FailedAttempt | null>();
  readonly #heard: FailedAttempt[] = [];
  /** When this process itself got something through, by sender. */
  readonly #successes = new Map<string, number>();
  /** Senders that are being tried, and until when nobody else tries them. */
  readonly #probes = new Map<string, number>();

  constructor(layout: Layout, clock: () => number) {
    this.#layout = layout;
    this.#clock = clock;
  }

  /** Looks anew: at what these names say, once somebody asks. */
  look(found: Found): void {
    this.#found = found;
    this.#failures = null;
    this.#heard.length = 0;
  }

  /** Takes in what came of an attempt of this process, as it was written down. */
  heard(sender: string, item: Publication): void {
    if (item.kind === 'receipt') {
      const { status, recordedAt, notice, reason } = item.document as Receipt;
      const at_ms = Date.parse(recordedAt);
      if (status !== 'blocked') this.#successes.set(sender, at_ms);
      else if (reason !== 'rejected') this.#heard.push({ sender, notice: linkedName(notice), at_ms, retryAfter_ms: null });
    } else if (item.kind === 'deferral') {
      const { recordedAt, retryAfter, reason } = item.document as Deferral;
      if (reason === 'rejected' || reason === 'not_begun') return;
      const retryAfter_ms = retryAfter === undefined ? null : Date.parse(retryAfter);
      this.#heard.push({ sender, notice: item.file.replace(/\.\d+\.deferred\.json$/, ''), at_ms: Date.parse(recordedAt), retryAfter_ms });
    }
  }

  admit(sender: ResolvedSender): Refusal | null {
    const now_ms = this.#clock();
    const history = this.#historyOf(sender.name, now_ms);
    const asked_ms = askedToWait(history, now_ms);
    if (asked_ms !== null) return { because: 'receiver_asked', until_ms: asked_ms };
    return this.#throughBreaker(sender, history, now_ms) ?? this.#inTurn(sender, now_ms);
  }

  /** What {@link admit} would say after so many others, without taking leave. */
  peek(sender: ResolvedSender, ahead = 0): Refusal | null {
    const now_ms = this.#clock();
    const history = this.#historyOf(sender.name, now_ms);
    const asked_ms = askedToWait(history, now_ms);
    if (asked_ms !== null) return { because: 'receiver_asked', until_ms: asked_ms };
    const circuit = circuitOf(history, sender.breaker, now_ms);
    if (circuit.state === 'open') return { because: 'circuit_open', until_ms: circuit.until_ms };
    if (circuit.state === 'half_open' && ahead > 0) return { because: 'circuit_open', until_ms: now_ms + PROBE_RECHECK_MS };
    const turn_ms = sender.rate === null ? null : nextTurnAt(this.#layout, sender.name, sender.rate, ahead, now_ms);
    return turn_ms === null ? null : { because: 'rate_limited', until_ms: turn_ms };
  }

  #throughBreaker({ name, breaker, timeLimit_ms }: ResolvedSender, history: SenderHistory, now_ms: number): Refusal | null {
    const circuit = circuitOf(history, breaker, now_ms);
    if (circuit.state !== 'half_open') this.#probes.delete(name);
    if (circuit.state === 'closed') return null;
    if (circuit.state === 'open') return { because: 'circuit_open', until_ms: circuit.until_ms };
    if ((this.#probes.get(name) ?? 0) > now_ms) return { because: 'circuit_open', until_ms: now_ms + PROBE_RECHECK_MS };
    this.#probes.set(name, now_ms + timeLimit_ms);
    return null;
  }

  #inTurn({ name, rate }: ResolvedSender, now_ms: number): Refusal | null {
    const until_ms = rate === null ? null : takeTurn(this.#layout, name, rate, now_ms);
    return until_ms === null ? null : { because: 'rate_limited', until_ms };
  }

  #historyOf(sender: string, now_ms: number): SenderHistory {
    if (this.#known.size > MAX_KNOWN) this.#known.clear();
    this.#failures ??= recentFailures(this.#layout, this.#found, this.#known);
    const byNotice = new Map([...this.#failures, ...this.#heard].filter((item) => item.sender === sender).map((item) => [item.notice, item]));
    const failures = [...byNotice.values()];
    const days = new Set([...failures.map(({ notice }) => dayOf(notice)), formatTime(now_ms).slice(0, 10)]);
    return {
      failures,
      successAfter: (since_ms) => {
        const own_ms = this.#successes.get(sender) ?? 0;
        return own_ms > since_ms ? own_ms : successAfter(this.#layout, sender, days, since_ms);
      },
    };
  }
}
