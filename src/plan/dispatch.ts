import { API_VERSION, type Handoff, type Link, type Notice, type Stored } from '../model/artifacts.ts';
import type { Catalog, ResolvedSender, TargetBinding } from '../model/catalog.ts';
import { fileName } from '../model/names.ts';
import { publication } from '../model/publication.ts';
import type { LastAttempt, OpenNotice } from '../model/snapshot.ts';
import type { Actor, Step, Waiting } from '../model/steps.ts';
import { firstReceipt, settle } from './settle.ts';

/** How soon an attempt of a process that may still be at work is looked at again. */
const IN_FLIGHT_RECHECK_MS = 5_000;
/** What an owner may take beyond the sender's own time limit: recording the outcome. */
const LEASE_MARGIN_MS = 30_000;

export type Next = { step: Step } | { waiting: Waiting };

/** The next step of a notice that has no receipt. */
export function nextFor({ notice, last }: OpenNotice, catalog: Catalog, actor: Actor): Next {
  const target = catalog.targets[notice.document.target];
  const sender = target && catalog.senders[target.sender];
  if (last !== null && last.deferral === null) return afterUnfinished(notice, last, sender, actor);
  if (catalog.posture === 'observe') return wait(notice, 'posture_observe', null);
  if (!target || !sender) {
    const detail = `no sender is bound to the target ${notice.document.target} in binding ${catalog.binding}`;
    return {
      step: settleStep(
        notice,
        firstReceipt(notice, last?.deferral?.document.handoff ?? null, 'none', actor.now_ms, { status: 'blocked', reason: 'target_unbound', detail }),
      ),
    };
  }
  if (last?.deferral) {
    const { retryAt, detail, handoff } = last.deferral.document;
    if (last.number >= sender.retry.attempts) {
      const parts = { status: 'blocked', reason: 'attempts_exhausted', detail: `attempt ${last.number}: ${detail}` } as const;
      return { step: settleStep(notice, firstReceipt(notice, handoff, sender.ceiling, actor.now_ms, parts)) };
    }
    const due_ms = Date.parse(retryAt);
    if (due_ms > actor.now_ms) return wait(notice, 'retry_later', due_ms);
  }
  return { step: dispatch(notice, sender, target, (last?.number ?? 0) + 1, last?.deferral?.link ?? null, actor) };
}

/** An attempt without an outcome: its owner is at work, or nobody will ever know. */
function afterUnfinished(notice: Stored<Notice>, last: LastAttempt, sender: ResolvedSender | undefined, actor: Actor): Next {
  if (last.handoff === null) {
    const detail = `the record of attempt ${last.number} cannot be read`;
    return { step: settleStep(notice, firstReceipt(notice, null, 'none', actor.now_ms, { status: 'blocked', reason: 'indeterminate', detail })) };
  }
  if (last.owner !== 'dead') return wait(notice, 'attempt_in_flight', actor.now_ms + IN_FLIGHT_RECHECK_MS);
  const { document, link } = last.handoff;
  const reason = `the process that made attempt ${last.number} ended before it could record what came of it`;
  if (!sender || sender.name !== document.sender.name) {
    return {
      step: settleStep(
        notice,
        firstReceipt(notice, link, document.sender.ceiling, actor.now_ms, { status: 'blocked', reason: 'indeterminate', detail: reason }),
      ),
    };
  }
  // What the handoff says counts: it was true when the message may have gone out.
  const sentWith = { ...sender, idempotent: sender.idempotent && document.sender.idempotent };
  const outcome = settle({ notice, handoff: link, number: last.number, sender: sentWith }, { kind: 'indeterminate', reason }, actor.now_ms);
  return { step: outcome.kind === 'receipt' ? settleStep(notice, outcome) : { kind: 'defer', chain: notice.name, publication: outcome } };
}

export function dispatch(
  notice: Stored<Notice>,
  sender: ResolvedSender,
  target: TargetBinding,
  number: number,
  previous: Link | null,
  actor: Actor,
): Step {
  const document: Handoff = {
    apiVersion: API_VERSION,
    kind: 'Handoff',
    notice: notice.link,
    attempt: number,
    sender: { name: sender.name, kind: sender.kind, ceiling: sender.ceiling, idempotent: sender.idempotent },
    idempotencyKey: notice.name,
    owner: actor.owner,
    claimedAt: new Date(actor.now_ms).toISOString(),
    leaseMs: sender.timeLimit_ms + LEASE_MARGIN_MS,
    previous,
  };
  const handoff = publication('handoff', 'handoffs', notice.name, fileName.handoff(notice.name, number), document);
  return { kind: 'dispatch', chain: notice.name, publication: handoff, attempt: { notice, number, sender, address: target.address, handoff } };
}

const settleStep = (notice: Stored<Notice>, receipt: ReturnType<typeof firstReceipt>): Step => ({
  kind: 'settle',
  chain: notice.name,
  publication: receipt,
});

const wait = (notice: Stored<Notice>, because: Waiting['because'], until_ms: number | null): Next => ({
  waiting: { notice: notice.name, because, until_ms },
});
