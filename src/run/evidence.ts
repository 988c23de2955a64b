import type { Evidence, Handoff, Link, Notice, Receipt, Stored } from '../model/artifacts.ts';
import { check } from '../model/check.ts';
import { RgovError } from '../model/errors.ts';
import { type Ceiling, highest, reaches } from '../model/evidence.ts';
import { dayOf, fileName } from '../model/names.ts';
import { asStored, type Publication } from '../model/publication.ts';
import { currentReceipt, withEvidence, withFailure } from '../model/truth.ts';
import { firstReceipt } from '../plan/settle.ts';
import type { Layout } from '../store/layout.ts';
import type { Publisher } from '../store/publish.ts';
import { readArtifact } from '../store/read.ts';
import { listRevisions, type NoticeStanding, type RevisionFile, standingOf } from '../store/receipts.ts';

/** More writers than this at one notice at the same moment do not exist. */
const MAX_TRIES = 20;

/** What somebody says became of a notice, once it is known that they may say so. */
type Said = { kind: 'evidence'; evidence: Evidence } | { kind: 'failure'; by: string; detail: string };

/** The attempt that something is said of; its handoff is null where a human speaks of the notice alone. */
export interface Told {
  notice: Stored<Notice>;
  handoff: Stored<Handoff> | null;
  said: Said;
}

/** The next revision of a notice: its first receipt, its first since it was opened again, or one more on top of the last. */
export function revisionOf({ notice, handoff, said }: Told, { receipt, reopened }: NoticeStanding, now_ms: number): Publication<'receipt'> {
  const ceiling = handoff?.document.sender.ceiling ?? 'none';
  const link = handoff?.link ?? null;
  if (said.kind === 'failure') {
    if (receipt !== null && reopened === null) return withFailure(receipt, said, now_ms);
    const parts = { status: 'blocked', reason: 'bounced', detail: `${said.by}: ${said.detail}` } as const;
    return firstReceipt(notice, link, ceiling, now_ms, parts, reopened);
  }
  if (receipt !== null && reopened === null) return withEvidence(receipt, said.evidence, link, now_ms, undefined, ceiling);
  return firstEvidence(notice, said.evidence, { link: link ?? receipt?.document.handoff ?? null, ceiling }, { receipt, reopened }, now_ms);
}

/** What was proved before a human opened the notice again stays proved. */
function firstEvidence(
  notice: Stored<Notice>,
  evidence: Evidence,
  way: { link: Link | null; ceiling: Ceiling },
  { receipt, reopened }: Pick<NoticeStanding, 'receipt' | 'reopened'>,
  now_ms: number,
): Publication<'receipt'> {
  const all = [...(receipt?.document.evidence ?? []), evidence];
  const isProved = reaches(highest(all.map(({ level }) => level)), notice.document.requires);
  const detail = evidence.detail ?? '';
  const parts = isProved
    ? ({
        status: 'acked',
        reason: evidence.by.startsWith('human:') ? 'acknowledged_by_human' : 'evidence_sufficient',
        detail,
        evidence: all,
      } as const)
    : ({
        status: 'pending_external_send',
        reason: 'evidence_insufficient',
        detail,
        evidence: all,
        custody: evidence.by.slice(evidence.by.indexOf(':') + 1),
      } as const);
  return firstReceipt(notice, way.link, highest([way.ceiling, receipt?.document.ceiling ?? 'none']), now_ms, parts, reopened);
}

/** Revisions of one notice, by their names. */
export function revisionFiles(layout: Layout, notice: string): RevisionFile[] {
  return listRevisions(layout, dayOf(notice)).filter(({ name }) => name === notice);
}

/** What is true of a notice now. Throws `negative` where that cannot be believed. */
export function believedStanding(layout: Layout, notice: string, revisions: readonly RevisionFile[] = revisionFiles(layout, notice)): NoticeStanding {
  const standing = standingOf(layout, notice, revisions);
  if (!('kind' in standing)) return standing;
  throw new RgovError('negative', `the receipt ${standing.path} cannot be believed: ${standing.detail}`, {
    hint: `look at it with: jq . ${layout.at(standing.path)}`,
  });
}

/** Throws `negative` if nobody could believe it, as with the hundred and first piece of evidence. */
export function checked(next: Publication<'receipt'>): Publication<'receipt'> {
  const failure = check('receipt', next.document);
  if (failure === null) return next;
  throw new RgovError('negative', `nothing was written: ${next.link.path} would not be valid: ${failure.detail}`, {
    hint: `rgov explain ${next.file.slice(0, -'.json'.length)}`,
  });
}

/**
 * Whether what was written stands in the chain of revisions. A writer at the same moment may have made another one with the
 * same number, which outweighs this one: then nobody has built on this one.
 */
export function isTold(layout: Layout, { notice, said }: Told, written: Publication<'receipt'>, revisions: readonly RevisionFile[]): boolean {
  const same = currentReceipt(revisions.filter(({ revision }) => revision === written.document.revision));
  if (same === null || same.file === written.file) return true;
  if (said.kind === 'failure') return false;
  const { by, level, reference } = said.evidence;
  const { receipt } = believedStanding(layout, notice.name, revisions);
  return receipt === null || receipt.document.evidence.some((item) => item.by === by && item.level === level && item.reference === reference);
}

/**
 * Adds what was said to the truth of a notice as one more revision. Whoever is faster takes the number; the slower one
 * looks again and takes the next.
 */
function tell(layout: Layout, publisher: Publisher, told: Told, now_ms: number): Stored<Receipt> {
  const { name } = told.notice;
  for (let n = 0; n < MAX_TRIES; n++) {
    const next = checked(revisionOf(told, believedStanding(layout, name), now_ms));
    const published = publisher.publishOne(next);
    if (published === 'closed') throw sealed(name);
    if (published === 'differs') continue;
    if (isTold(layout, told, next, revisionFiles(layout, name))) return asStored(name, next);
  }
  throw new RgovError('state_io', `the receipt of ${name} could not be written: others keep taking its number`);
}

/** The same for evidence of an attempt, or (`handoff` null) of the notice alone. Throws `not_found` if the notice cannot be read. */
export function addEvidence(
  layout: Layout,
  publisher: Publisher,
  notice: string,
  evidence: Evidence,
  handoff: Link | null,
  now_ms: number,
): Stored<Receipt> {
  const told: Told = {
    notice: readNotice(layout, notice),
    handoff: handoff && readHandoff(layout, notice, handoff.path),
    said: { kind: 'evidence', evidence },
  };
  return tell(layout, publisher, told, now_ms);
}

/**
 * What an attempt has proved that others have spoken about meanwhile. A bounce of this very attempt is younger than the acceptance that
 * it takes back, whichever of them was written down first.
 */
export function addLateEvidence(
  layout: Layout,
  publisher: Publisher,
  notice: string,
  evidence: Evidence,
  handoff: Link,
  now_ms: number,
): Stored<Receipt> | null {
  const { receipt, reopened } = believedStanding(layout, notice);
  const isTakenBack = reopened === null && receipt?.document.reason === 'bounced' && receipt.document.handoff?.path === handoff.path;
  return isTakenBack ? null : addEvidence(layout, publisher, notice, evidence, handoff, now_ms);
}

/** For whoever may only add to an open day. */
function sealed(notice: string): RgovError {
  return new RgovError('negative', `nothing was written: the day of ${notice} is sealed, and what is in it does not change any more`, {
    hint: `rgov explain ${notice}`,
  });
}

/** Throws `not_found` if it cannot be read. */
export function readNotice(layout: Layout, name: string): Stored<Notice> {
  const read = readArtifact(layout, 'notice', 'queue', name, fileName.notice(name));
  if (read.kind === 'ok') return read.stored;
  throw new RgovError('not_found', `the notice ${name} cannot be read`, { hint: `rgov explain ${name}` });
}

function readHandoff(layout: Layout, notice: string, path: string): Stored<Handoff> | null {
  const read = readArtifact(layout, 'handoff', 'handoffs', notice, path.slice(path.lastIndexOf('/') + 1));
  return read.kind === 'ok' ? read.stored : null;
}
