import type { Applier } from '../apply/index.ts';
import type { Handoff, Owner, Receipt } from '../model/artifacts.ts';
import { linkedName, parseName } from '../model/names.ts';
import type { Publication } from '../model/publication.ts';
import type { BadFile, Liveness } from '../model/snapshot.ts';
import type { Waiting } from '../model/steps.ts';
import type { FileSystem } from '../store/files.ts';
import type { SealedDay } from '../store/seal-day.ts';
import type { Admission } from './admission.ts';
import type { CommitReport } from './commit.ts';
import type { Senses } from './senses.ts';
import type { Workspace } from './workspace.ts';

export interface PassReport {
  started_ms: number;
  finished_ms: number;
  /** What the watchdog found, and wrote down as events. */
  raised: { event: string; type: string; subject: string }[];
  /** How many events were decided. */
  events: number;
  notices: number;
  attempts: number;
  /** Attempts that were left to bridges of their own. */
  handedOver: number;
  deferred: number;
  receipts: { notice: string; status: Receipt['status']; reason: Receipt['reason']; target: string }[];
  quarantined: BadFile[];
  /** What could not be read or moved aside, in words; the rest of the pass went on. */
  failures: string[];
  /** Days that nothing is added to any more. */
  sealed: SealedDay[];
  waiting: Waiting[];
  nextDue_ms: number | null;
  /** Those that were asked: how many events were new, and why one counts as failed. Only where sources are declared. */
  sources?: { source: string; recorded: number; failure: string | null }[];
  /** Only where the monitor outside was told, or should have been. */
  heartbeat?: { ok: boolean; detail: string };
  /** Only where it was asked for. */
  commit?: CommitReport;
}

export interface PassDeps {
  workspace: Workspace;
  clock: () => number;
  applier: Applier;
  /** Who this process is, and whether an owner can still be at work; of this process itself, whether it is on this notice. */
  host: { owner: Owner; livenessOf(owner: Owner, lease_ms: number, notice?: string): Liveness };
  /** Learns at each look how the senders fare. */
  admission?: Admission;
  /** What is kept between passes of one process; made anew without it. */
  senses?: Senses;
  /** What artifacts are read with; the real one without it. */
  io?: FileSystem;
  /** Called when a batch is through; for a progress bar. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

export function emptyReport(now_ms: number): PassReport {
  return {
    started_ms: now_ms,
    finished_ms: now_ms,
    raised: [],
    events: 0,
    notices: 0,
    attempts: 0,
    handedOver: 0,
    deferred: 0,
    receipts: [],
    quarantined: [],
    failures: [],
    sealed: [],
    waiting: [],
    nextDue_ms: null,
  };
}

/** Counts one artifact that is on disk now. An attempt counts once it is claimed. */
export function countIn(report: PassReport, item: Publication): void {
  if (item.kind === 'decision') report.events++;
  if (item.kind === 'notice') report.notices++;
  const isOurs = item.kind === 'claim' || (item.kind === 'handoff' && (item.document as Handoff).owner !== null);
  if (isOurs) report.attempts++;
  else if (item.kind === 'handoff') report.handedOver++;
  if (item.kind === 'deferral') report.deferred++;
  if (item.kind !== 'receipt') return;
  const { notice: link, status, reason } = item.document as Receipt;
  const notice = linkedName(link);
  report.receipts.push({ notice, status, reason, target: parseName(notice)?.whom ?? '' });
}
