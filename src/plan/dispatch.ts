import { API_VERSION, type Claim, type Deferral, type Handoff, type Link, type Notice, type Reopening, type Stored } from '../model/artifacts.ts';
import type { Catalog, ResolvedSender } from '../model/catalog.ts';
import { isOfWrongClock } from '../model/clock.ts';
import { fileName } from '../model/names.ts';
import { publication } from '../model/publication.ts';
import type { LastAttempt, OpenNotice } from '../model/snapshot.ts';
import type { Actor, PlannedAttempt, Step, Waiting } from '../model/steps.ts';
import { ownerEnded } from '../model/truth.ts';
import { firstReceipt, settle } from './settle.ts';
import { type BoundWay, currentAttempt, firstOpenWay, nextWay, wayOf } from './ways.ts';

/** How soon an attempt of a process that may still be at work is looked at again. */
const IN_FLIGHT_RECHECK_MS = 5_000;
/** What an owner may take beyond the sender's own time limit: recording the outcome. */
const LEASE_MARGIN_MS = 30_000;

export type Next = { step: Step } | { waiting: Waiting };

/** The next step of a notice that has no receipt. */
export function nextFor(open: OpenNotice, catalog: Catalog, actor: Actor): Next {
  const { notice, reopened } = open;
  const last = currentAttempt(open);
  if (last !== null && last.deferral === null) return afterUnfinished(open, last, catalog, actor);
  if (catalog.posture === 'observe') return wait(notice, 'posture_observe', null);
  const due_ms = last?.deferral ? retryTime(last.deferral.document, actor.now_ms) : actor.now_ms;
  const way = firstOpenWay(nextWay(notice, last, catalog), catalog);
  if ('none' in way) return blockedBefore(open, last, way, catalog, actor);
  if (due_ms > actor.now_ms) return wait(notice, 'retry_later', due_ms);
  return { step: dispatch(notice, way, (open.last?.number ?? 0) + 1, last?.deferral?.link ?? null, reopened, actor) };
}

/** The attempt that waits for the bridge of this sender, or that such a bridge left behind; null if there is nothing to do for it. */
export function nextForBridge(open: OpenNotice, sender: string, catalog: Catalog, actor: Actor): Next | null {
  const last = currentAttempt(open);
  if (!last || catalog.posture === 'observe' || last.deferral !== null || last.handoff?.document.sender.name !== sender) return null;
  return last.owner === 'unclaimed' ? claim(open, last, catalog, actor) : afterUnfinished(open, last, catalog, actor);
}

function blockedBefore(
  { notice, reopened }: OpenNotice,
  last: LastAttempt | null,
  { none: why, target }: { none: 'target_unbound' | 'attempts_exhausted'; target: string },
  catalog: Catalog,
  actor: Actor,
): Next {
  const { handoff = null, detail = '' } = last?.deferral?.document ?? {};
  const text =
    why === 'target_unbound' ? `no sender is bound to the target ${target} in binding ${catalog.binding}` : `attempt ${last?.number}: ${detail}`;
  const ceiling = why === 'target_unbound' ? 'none' : (last?.handoff?.document.sender.ceiling ?? 'none');
  return {
    step: settleStep(notice, firstReceipt(notice, handoff, ceiling, actor.now_ms, { status: 'blocked', reason: why, detail: text }, reopened)),
  };
}

/** An attempt without an outcome: its owner is at work, nobody has claimed it yet, or nobody will ever know. */
function afterUnfinished(open: OpenNotice, last: LastAttempt, catalog: Catalog, actor: Actor): Next {
  const { notice, reopened } = open;
  const blocked = (
    handoff: Link | null,
    ceiling: Handoff['sender']['ceiling'],
    reason: 'indeterminate' | 'target_unbound',
    detail: string,
  ): Next => ({
    step: settleStep(notice, firstReceipt(notice, handoff, ceiling, actor.now_ms, { status: 'blocked', reason, detail }, reopened)),
  });
  if (last.handoff === null) return blocked(null, 'none', 'indeterminate', `the record of attempt ${last.number} cannot be read`);
  const { document, link } = last.handoff;
  const sender = Object.hasOwn(catalog.senders, document.sender.name) ? catalog.senders[document.sender.name] : undefined;
  if (last.owner === 'unclaimed') {
    if (sender?.bridge === 'inline') return catalog.posture === 'observe' ? wait(notice, 'posture_observe', null) : claim(open, last, catalog, actor);
    if (sender) return wait(notice, 'bridge_awaited', null);
    return blocked(
      link,
      'none',
      'target_unbound',
      `attempt ${last.number} was left to the bridge of ${document.sender.name}, to which nothing is bound any more; nothing was sent`,
    );
  }
  if (last.owner !== 'dead') return wait(notice, 'attempt_in_flight', actor.now_ms + IN_FLIGHT_RECHECK_MS);
  const reason = ownerEnded(last.number);
  if (!sender) return blocked(link, document.sender.ceiling, 'indeterminate', reason);
  // What the handoff says counts: it was true when the message may have gone out.
  const sentWith = { ...sender, idempotent: sender.idempotent && document.sender.idempotent };
  const { tries, fallbacks } = wayOf(notice, last, catalog);
  const attempt = { notice, handoff: link, number: last.number, tries, fallbacks, reopened, sender: sentWith };
  const outcome = settle(attempt, { kind: 'indeterminate', reason }, actor.now_ms);
  return { step: outcome.kind === 'receipt' ? settleStep(notice, outcome) : { kind: 'defer', chain: notice.name, publication: outcome } };
}

/** Takes an attempt that was handed to a bridge. */
function claim({ notice, reopened }: OpenNotice, last: LastAttempt, catalog: Catalog, actor: Actor): Next {
  const handoff = last.handoff as NonNullable<LastAttempt['handoff']>;
  const sender = catalog.senders[handoff.document.sender.name];
  if (!sender) return wait(notice, 'bridge_awaited', null);
  const { tries, fallbacks, target } = wayOf(notice, last, catalog);
  const document: Claim = {
    apiVersion: API_VERSION,
    kind: 'Claim',
    handoff: handoff.link,
    owner: actor.owner,
    claimedAt: new Date(actor.now_ms).toISOString(),
    leaseMs: leaseOf(sender),
  };
  const attempt: PlannedAttempt = {
    notice,
    number: last.number,
    tries,
    target,
    fallbacks,
    reopened,
    // What the handoff says counts: it is the promise that whoever finds a dead claim goes by.
    sender: { ...sender, idempotent: sender.idempotent && handoff.document.sender.idempotent },
    address: catalog.targets[target]?.address,
    handoff: handoff.link,
  };
  const file = fileName.claim(notice.name, last.number);
  return { step: { kind: 'claim', chain: notice.name, publication: publication('claim', 'handoffs', notice.name, file, document), attempt } };
}

export function dispatch(
  notice: Stored<Notice>,
  way: BoundWay,
  number: number,
  previous: Link | null,
  reopened: Stored<Reopening> | null,
  actor: Actor,
): Step {
  const { sender, target, tries, fallbacks, address } = way;
  const now = new Date(actor.now_ms).toISOString();
  const isInline = sender.bridge === 'inline';
  const document: Handoff = {
    apiVersion: API_VERSION,
    kind: 'Handoff',
    notice: notice.link,
    attempt: number,
    ...(target === notice.document.target && tries === number ? {} : { via: { target, attempt: tries } }),
    sender: { name: sender.name, kind: sender.kind, ceiling: sender.ceiling, idempotent: sender.idempotent },
    idempotencyKey: notice.name,
    ...(isInline
      ? { owner: actor.owner, claimedAt: now, leaseMs: leaseOf(sender) }
      : { owner: null, claimedAt: null, leaseMs: null, dispatchedAt: now }),
    previous,
  };
  const handoff = publication('handoff', 'handoffs', notice.name, fileName.handoff(notice.name, number), document);
  const attempt: PlannedAttempt = { notice, number, tries, target, fallbacks, reopened, sender, address, handoff: handoff.link };
  return { kind: 'dispatch', chain: notice.name, publication: handoff, attempt: isInline ? attempt : null };
}

const leaseOf = (sender: ResolvedSender): number => sender.timeLimit_ms + LEASE_MARGIN_MS;

const settleStep = (notice: Stored<Notice>, receipt: ReturnType<typeof firstReceipt>): Step => ({
  kind: 'settle',
  chain: notice.name,
  publication: receipt,
});

/** At once, where a clock that was far ahead put it off: a new outcome says anew when to try again. */
const retryTime = ({ recordedAt, retryAt }: Deferral, now_ms: number): number =>
  isOfWrongClock(Date.parse(recordedAt), now_ms) ? now_ms : Date.parse(retryAt);

const wait = (notice: Stored<Notice>, because: Waiting['because'], until_ms: number | null): Next => ({
  waiting: { notice: notice.name, because, until_ms },
});
