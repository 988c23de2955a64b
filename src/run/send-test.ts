import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deferral, Evidence, Receipt, RuleVerdict } from '../model/artifacts.ts';
import type { Catalog } from '../model/catalog.ts';
import { RgovError } from '../model/errors.ts';
import { type Ceiling, EVIDENCE_LADDER, type EvidenceLevel, highest, reaches } from '../model/evidence.ts';
import type { Waiting } from '../model/steps.ts';
import { didYouMean, oneLine, truncate } from '../model/text.ts';
import { formatTime } from '../model/time.ts';
import { SEND_TEST_SOURCE } from '../model/words.ts';
import { Publisher } from '../store/publish.ts';
import { type AttemptChain, type Chain, loadChain, type NoticeChain } from './chain.ts';
import { thisOwner } from './host.ts';
import type { WorkspaceOptions } from './locate.ts';
import type { PassReport } from './pass-report.ts';
import { reconcile } from './reconcile.ts';
import { recordOne } from './record.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

export interface SendTestOptions extends WorkspaceOptions {
  target: string;
  /** In place of what the profile asks for. */
  requires?: EvidenceLevel | undefined;
  /** For whoever reads the message. */
  note?: string | undefined;
}

export interface TestAttempt {
  number: number;
  /** The target itself, or a fallback of it. */
  target: string;
  sender: { name: string; kind: string; ceiling: Ceiling };
  /** When it was claimed; of one that is left to a bridge, when it was handed over. */
  at: string;
  outcome: 'came_back' | 'ended' | 'under_way' | 'left_to_bridge';
  /** Why it came back; null otherwise. */
  reason: Deferral['reason'] | null;
  detail: string;
  /** When the next attempt on this way is due; null where there is none, or where a fallback takes over. */
  retryAt: string | null;
  /** Below `state/`. */
  path: string;
}

/**
 * `acked`, `blocked`, `pending`: the receipt says so. `waiting`: not out yet. `withheld`: no notice was raised after all.
 * `undecided`: the pass could not get as far.
 */
export type TestOutcome = 'acked' | 'blocked' | 'pending' | 'waiting' | 'withheld' | 'undecided';

export interface SendTestReport {
  outcome: TestOutcome;
  target: string;
  requires: EvidenceLevel;
  event: string;
  /** Null only where none was raised. */
  notice: string | null;
  attempts: TestAttempt[];
  receipt: (Pick<Receipt, 'status' | 'reason' | 'detail' | 'custody'> & { path: string }) | null;
  proved: Evidence[];
  /** Every level above the highest that is proved. */
  notProved: EvidenceLevel[];
  /** Why nothing more happens now; null where there is nothing to wait for. */
  waiting: { because: Waiting['because']; until: string | null } | null;
  /** Why no notice was raised; null where one was. */
  withheld: RuleVerdict['reason'] | null;
  /** What could not be read, moved or believed, in words. */
  failures: string[];
  /** Every file of the test, below `state/`, in the order in which one caused the next. */
  files: string[];
}

/** How soon one looks again whether another process is through with its attempt. */
const LOOK_AGAIN_MS = 500;
/** What an attempt may take beyond its sender's time limit: recording the outcome. */
const MARGIN_MS = 30_000;

/**
 * Has one real notice sent to a target, past the rules in force, and tells what was proved. Throws `not_found` for a target
 * that the binding does not know, and `usage` where nothing would be sent; nothing is written then.
 */
export async function sendTest(options: SendTestOptions, clock: () => number = Date.now): Promise<SendTestReport> {
  const workspace = await openWorkspace(options);
  const { layout, catalog } = workspace;
  refuse(options.target, catalog);
  const note = options.note === undefined ? '' : truncate(oneLine(options.note), 2000);
  const { result } = recordOne(
    new Publisher(layout, thisOwner().nonce),
    {
      source: SEND_TEST_SOURCE,
      id: randomUUID(),
      type: 'notice.test',
      subject: `target/${options.target}`,
      provenance: 'observed',
      data: {
        summary: 'this is a test, nothing has happened',
        target: options.target,
        ...(options.requires === undefined ? {} : { requires: options.requires }),
        ...(note === '' ? {} : { note }),
      },
    },
    clock(),
  );
  if (result.event === null) throw new RgovError('internal', `the test cannot be recorded: ${result.detail}`);
  return follow(options, workspace, result.event, clock);
}

function refuse(target: string, { posture, profile, targets, binding }: Catalog): void {
  if (!Object.hasOwn(targets, target)) {
    const known = Object.keys(targets).sort();
    const near = didYouMean(target, known);
    throw new RgovError('not_found', `the binding "${binding}" has no target ${JSON.stringify(truncate(oneLine(target), 80))}`, {
      expected: `one of ${known.join(', ')}`,
      hint: near === null ? 'add it to spec.targets of the binding' : `did you mean: rgov send-test ${near}`,
    });
  }
  if (posture === 'observe')
    throw new RgovError('usage', `the profile "${profile}" only observes, so that nothing would be sent; nothing was written`, {
      expected: 'a profile whose posture is notify or enforce',
      hint: 'rgov catalog profiles',
    });
}

/** Makes passes until nothing more comes of the test for now. */
async function follow(options: SendTestOptions, workspace: Workspace, event: string, clock: () => number): Promise<SendTestReport> {
  const started_ms = performance.now();
  for (;;) {
    const pass = await reconcile(options, clock);
    const report = reportOf(loadChain(workspace.layout, { kind: 'event', name: event }), event, options, workspace, pass);
    const patience_ms = MARGIN_MS + Math.max(...Object.values(workspace.catalog.senders).map(({ timeLimit_ms }) => timeLimit_ms));
    if (!isUnderWay(report, clock()) || performance.now() - started_ms > patience_ms) return report;
    await sleep(LOOK_AGAIN_MS);
  }
}

/** Whether another process is at work on it, or the next step has come due while we looked. */
function isUnderWay({ outcome, waiting }: SendTestReport, now_ms: number): boolean {
  if (outcome !== 'waiting') return false;
  if (waiting === null || waiting.because === 'attempt_in_flight' || waiting.because === 'sender_busy') return true;
  return waiting.until !== null && Date.parse(waiting.until) <= now_ms;
}

function reportOf(
  chain: Chain,
  event: string,
  { target, requires: asked }: SendTestOptions,
  { catalog }: Workspace,
  { waiting, failures }: PassReport,
): SendTestReport {
  const [notice] = chain.notices;
  const receipt = notice?.current ?? null;
  const wait = waiting.find((item) => item.notice === notice?.name);
  const verdict = chain.decision?.document.rules[0];
  const requires = notice?.notice?.document.requires ?? asked ?? catalog.requires;
  const proved = receipt?.document.evidence ?? [];
  const attempts = (notice?.attempts ?? []).map((attempt) => attemptOf(attempt, target, receipt !== null));
  const best = highest(proved.map(({ level }) => level));
  return {
    outcome: outcomeOf(chain, notice),
    target,
    requires,
    event,
    notice: notice?.name ?? null,
    attempts,
    receipt: receipt === null ? null : { ...pick(receipt.document), path: receipt.link.path },
    proved,
    notProved: EVIDENCE_LADDER.filter((level): level is EvidenceLevel => level !== 'none' && !reaches(best, level)),
    waiting: receipt === null ? waitOf(wait, attempts.at(-1)) : null,
    withheld: verdict?.outcome === 'withheld' ? verdict.reason : null,
    failures: [...failures, ...chain.faults],
    files: filesOf(chain, notice),
  };
}

/** A pass that found nothing to do says nothing of what it waits for; the last attempt does. */
function waitOf(wait: Waiting | undefined, last: TestAttempt | undefined): SendTestReport['waiting'] {
  if (wait) return { because: wait.because, until: wait.until_ms === null ? null : formatTime(wait.until_ms) };
  if (last?.outcome === 'came_back') return { because: 'retry_later', until: last.retryAt };
  return last?.outcome === 'left_to_bridge' ? { because: 'bridge_awaited', until: null } : null;
}

function outcomeOf({ decision }: Chain, notice: NoticeChain | undefined): TestOutcome {
  if (decision === null) return 'undecided';
  if (notice === undefined) return 'withheld';
  const status = notice.current?.document.status;
  return status === undefined ? 'waiting' : status === 'pending_external_send' ? 'pending' : status;
}

function attemptOf({ handoff, claim, deferral }: AttemptChain, own: string, isSettled: boolean): TestAttempt {
  const { attempt, via, sender, claimedAt, dispatchedAt, owner } = handoff.document;
  const at = claimedAt ?? dispatchedAt ?? '';
  const { name, kind, ceiling } = sender;
  const common = { number: attempt, target: via?.target ?? own, sender: { name, kind, ceiling }, at, path: handoff.link.path };
  if (deferral) {
    const { reason, detail, retryAt, fallback } = deferral.document;
    if (fallback !== undefined) return { ...common, outcome: 'came_back', reason, detail: `${detail}; it goes on to ${fallback}`, retryAt: null };
    return { ...common, outcome: 'came_back', reason, detail, retryAt };
  }
  const outcome = isSettled ? 'ended' : owner === null && claim === null ? 'left_to_bridge' : 'under_way';
  return { ...common, outcome, reason: null, detail: '', retryAt: null };
}

function pick({ status, reason, detail, custody }: Receipt): Pick<Receipt, 'status' | 'reason' | 'detail' | 'custody'> {
  return { status, reason, detail, custody };
}

function filesOf({ event, decision }: Chain, notice: NoticeChain | undefined): string[] {
  const attempts = notice?.attempts.flatMap(({ handoff, claim, deferral }) => [handoff, claim, deferral]) ?? [];
  return [event, decision, notice?.notice ?? null, ...attempts, ...(notice?.receipts ?? [])].flatMap((item) => item?.link.path ?? []);
}
