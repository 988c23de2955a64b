import type { Handoff, Notice, Receipt, Stored } from '../model/artifacts.ts';
import { RgovError } from '../model/errors.ts';
import { fileName, parseFile } from '../model/names.ts';
import { listAllDays, listStage } from '../store/history.ts';
import type { ReadArtifact } from '../store/read.ts';
import { readArtifact } from '../store/read.ts';
import { listRevisions, type RevisionFile, standingOf } from '../store/receipts.ts';
import { acknowledgeLinkFor } from './ack-token.ts';
import type { WorkspaceOptions } from './locate.ts';
import { requireSender } from './require-sender.ts';
import { openLastValidWorkspace, type Workspace } from './workspace.ts';

export interface HandoffsOptions extends WorkspaceOptions {
  /** Only those whose outcome somebody still has to bring. */
  open?: boolean | undefined;
  /** Only those of the sender of this name. */
  sender?: string | undefined;
}

/**
 * `in_custody`: another system has it and has not proved the outcome. `unclaimed`: it waits for a bridge. `in_flight`:
 * somebody has claimed it and not yet recorded what came of it. `came_back`: it is tried again. `acked`, `blocked`: the
 * receipt that rests on it. `over`: a later attempt, or a human, has taken its place.
 */
export type HandoffState = 'in_custody' | 'unclaimed' | 'in_flight' | 'came_back' | 'acked' | 'blocked' | 'over';

const OPEN: readonly HandoffState[] = ['in_custody', 'unclaimed', 'in_flight'];

/** One attempt, with all that a system needs to send the message and to say what came of it. */
export interface ListedHandoff {
  /** Below `state/`. */
  path: string;
  /** What `rgov confirm` takes: NOTICE.N. */
  handoff: string;
  notice: string;
  attempt: number;
  state: HandoffState;
  idempotencyKey: string;
  sender: Handoff['sender'];
  /** The notice's target, or the fallback that this attempt goes to. */
  target: string;
  /** From the binding as it is now; null where it names none. */
  address: string | null;
  requires: Notice['requires'];
  deadline: string | null;
  severity: Notice['severity'];
  subject: string;
  eventType: string;
  time: string;
  title: string;
  text: string;
  /** Only of open ones: a link by which the reader can acknowledge; null where the binding declares none, or this process has no secret for it. */
  acknowledgeUrl: string | null;
  /** When it was claimed or handed over. */
  since: string | null;
  custody: string | null;
}

export interface HandoffReport {
  at: string;
  binding: string;
  handoffs: ListedHandoff[];
  unreadable: { path: string; detail: string }[];
}

/** Attempts by day, notice and number. Reads the contents of those alone that it lists. */
export async function handoffs(options: HandoffsOptions, clock: () => number = Date.now): Promise<HandoffReport> {
  const { workspace } = await openLastValidWorkspace(options);
  const report: HandoffReport = { at: new Date(clock()).toISOString(), binding: workspace.catalog.binding, handoffs: [], unreadable: [] };
  const links = linksFor(workspace);
  for (const day of listAllDays(workspace.layout)) addDay(workspace, day, options, links, report);
  // One that nothing was ever handed to and that nothing is bound to is a misspelt one.
  if (report.handoffs.length === 0 && options.sender !== undefined) requireSender(workspace, options.sender, 'rgov handoffs');
  return report;
}

function linksFor(workspace: Workspace): (notice: string) => string | null {
  const linkOf = acknowledgeLinkFor(workspace);
  return (notice) => {
    try {
      return linkOf(notice) ?? null;
    } catch (error) {
      if (error instanceof RgovError) return null;
      throw error;
    }
  };
}

interface Attempts {
  numbers: number[];
  deferred: Set<number>;
  claimed: Set<number>;
}

function addDay(workspace: Workspace, day: string, options: HandoffsOptions, linkOf: (notice: string) => string | null, report: HandoffReport): void {
  const { layout } = workspace;
  const byNotice = new Map<string, Attempts>();
  for (const file of listStage(layout, 'handoffs', day)) {
    const parsed = parseFile('handoffs', day, file);
    if (!parsed || !('attempt' in parsed)) continue;
    const known = byNotice.get(parsed.name) ?? { numbers: [], deferred: new Set(), claimed: new Set() };
    byNotice.set(parsed.name, known);
    if (parsed.kind === 'handoff') known.numbers.push(parsed.attempt);
    else (parsed.kind === 'claim' ? known.claimed : known.deferred).add(parsed.attempt);
  }
  const revisions = new Map<string, RevisionFile[]>();
  for (const item of listRevisions(layout, day)) revisions.set(item.name, [...(revisions.get(item.name) ?? []), item]);
  for (const [name, attempts] of [...byNotice].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const standing = standingOf(layout, name, revisions.get(name) ?? []);
    if ('kind' in standing) {
      report.unreadable.push({ path: standing.path, detail: standing.detail });
      continue;
    }
    const receipt = standing.reopened ? null : standing.receipt;
    if (options.open && receipt !== null && receipt.document.status !== 'pending_external_send') continue;
    const over = standing.reopened?.document.afterAttempt ?? 0;
    const last = Math.max(0, ...attempts.numbers);
    const stateFor = (handoff: Stored<Handoff>): HandoffState => stateOf(handoff, attempts, { receipt, over, last });
    for (const number of attempts.numbers.sort((a, b) => a - b)) {
      const handoff = taken(readArtifact(layout, 'handoff', 'handoffs', name, fileName.handoff(name, number)), report);
      const notice = handoff && taken(readArtifact(layout, 'notice', 'queue', name, fileName.notice(name)), report);
      if (!handoff || !notice) continue;
      const state = stateFor(handoff);
      const isOpen = OPEN.includes(state);
      if ((options.open && !isOpen) || (options.sender !== undefined && handoff.document.sender.name !== options.sender)) continue;
      report.handoffs.push(listed(workspace, { handoff, notice, receipt, state }, isOpen ? linkOf(name) : null));
    }
  }
}

function stateOf(
  { document, link }: Stored<Handoff>,
  { deferred, claimed }: Attempts,
  { receipt, over, last }: { receipt: Stored<Receipt> | null; over: number; last: number },
): HandoffState {
  const { attempt, owner } = document;
  if (receipt !== null) {
    const { status, handoff } = receipt.document;
    // Where the receipt names no attempt, a human has spoken of the notice alone.
    if (handoff === null ? attempt !== last : handoff.path !== link.path) return deferred.has(attempt) ? 'came_back' : 'over';
    return status === 'pending_external_send' ? 'in_custody' : status;
  }
  if (deferred.has(attempt)) return 'came_back';
  if (attempt <= over || attempt < last) return 'over';
  return owner === null && !claimed.has(attempt) ? 'unclaimed' : 'in_flight';
}

interface Parts {
  handoff: Stored<Handoff>;
  notice: Stored<Notice>;
  receipt: Stored<Receipt> | null;
  state: HandoffState;
}

function listed({ catalog }: Workspace, { handoff, notice, receipt, state }: Parts, acknowledgeUrl: string | null): ListedHandoff {
  const { attempt, idempotencyKey, sender, via, claimedAt, dispatchedAt } = handoff.document;
  const { requires, deadline, severity, subject, eventType, time, title, text } = notice.document;
  const target = via?.target ?? notice.document.target;
  const binding = Object.hasOwn(catalog.targets, target) ? catalog.targets[target] : undefined;
  return {
    path: handoff.link.path,
    handoff: `${notice.name}.${attempt}`,
    notice: notice.name,
    attempt,
    state,
    idempotencyKey,
    sender,
    target,
    address: binding?.address ?? null,
    requires,
    deadline,
    severity,
    subject,
    eventType,
    time,
    title,
    text,
    acknowledgeUrl,
    since: claimedAt ?? dispatchedAt ?? null,
    custody: state === 'in_custody' ? (receipt?.document.custody ?? null) : null,
  };
}

function taken<T>(read: { kind: 'ok'; stored: T } | Exclude<ReadArtifact<'event'>, { kind: 'ok' }>, report: HandoffReport): T | null {
  if (read.kind === 'ok') return read.stored;
  if (read.kind === 'bad') report.unreadable.push({ path: read.path, detail: read.detail });
  return null;
}
