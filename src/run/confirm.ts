import { userInfo } from 'node:os';
import type { Receipt, Stored } from '../model/artifacts.ts';
import { RgovError } from '../model/errors.ts';
import { dayOf, parseFile, parseName } from '../model/names.ts';
import { asStored, type Publication } from '../model/publication.ts';
import { formatTime } from '../model/time.ts';
import type { Layout } from '../store/layout.ts';
import { Publisher } from '../store/publish.ts';
import { tokenReader } from './ack-token.ts';
import { checked, isTold, revisionOf, type Told } from './evidence.ts';
import { findByPart } from './find.ts';
import { livenessOf, thisOwner } from './host.ts';
import { type Incoming, judge, type Statement } from './judge.ts';
import { isLate, type LateFact, recordLate } from './late.ts';
import { Ledger } from './ledger.ts';
import type { WorkspaceOptions } from './locate.ts';
import type { PassDeps } from './pass-report.ts';
import { type Attempted, whyNothing } from './testimony.ts';
import { openLastValidWorkspace, type Workspace } from './workspace.ts';

export type { Incoming, Statement } from './judge.ts';

/** What came of a statement. `later`: it cannot be judged yet, and should be said again. */
export type Verdict =
  | { status: 'recorded'; notice: string; attempt: number | null; receipt: Publication<'receipt'> }
  /** The notice's day is sealed: it is an event of today, `event` by name; durable. */
  | { status: 'late'; notice: string; attempt: number | null; receipt: Stored<Receipt> | null; event: string }
  /** Nothing was written; `detail` says why. */
  | { status: 'known'; notice: string; attempt: number | null; receipt: Stored<Receipt> | null; detail: string }
  | { status: 'refused' | 'later'; error: RgovError };

export interface ConfirmDesk {
  workspace: Workspace;
  publisher: Publisher;
  livenessOf: PassDeps['host']['livenessOf'];
}

const BATCH = 256;
/** More writers than this at one notice at the same moment do not exist. */
const MAX_TRIES = 20;

/**
 * Judges statements and writes down what is true of them, one revision each, durable when the promise resolves. One that
 * cannot be believed stops no other. Verdicts are in the order of the statements.
 */
export async function confirmAll(desk: ConfirmDesk, incoming: readonly Incoming[], now_ms: number): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const noticeOf = tokenReader(desk.workspace);
  for (let start = 0; start < incoming.length; start += BATCH) {
    verdicts.push(...(await confirmBatch(desk, incoming.slice(start, start + BATCH), noticeOf, now_ms)));
  }
  return verdicts;
}

async function confirmBatch(
  { workspace, publisher, livenessOf: liveness }: ConfirmDesk,
  incoming: readonly Incoming[],
  noticeOf: (token: string) => string,
  now_ms: number,
): Promise<Verdict[]> {
  const { layout } = workspace;
  const verdicts: Verdict[] = [];
  const attempted: (Attempted | undefined)[] = [];
  let ledger = new Ledger(layout, liveness);
  incoming.forEach((item, i) => {
    orRefuse(verdicts, i, () => {
      attempted[i] = judge(layout, ledger, item, noticeOf, now_ms);
    });
  });
  let open = attempted.flatMap((item, i) => (item ? [i] : []));
  /** Written, but outweighed by what somebody else wrote at the same moment. */
  const shadowed = new Set<number>();
  for (let n = 0; open.length > 0; n++) {
    if (n >= MAX_TRIES) {
      for (const i of open) verdicts[i] = { status: 'refused', error: new RgovError('state_io', 'others keep taking the number of the receipt') };
      break;
    }
    const written: { i: number; told: Told; next: Publication<'receipt'> }[] = [];
    for (const i of open) {
      const item = attempted[i] as Attempted;
      orRefuse(verdicts, i, () => {
        const { name } = item.notice;
        const standing = ledger.standing(name);
        const why = shadowed.has(i) ? null : whyNothing(item, ledger);
        if (why === null && isLate(publisher, name)) verdicts[i] = lateVerdict(item, standing.receipt, recordLate(layout, publisher, item, now_ms));
        else if (why === null) {
          const next = checked(revisionOf(item, standing, now_ms));
          ledger.add(asStored(name, next));
          written.push({ i, told: item, next });
        } else if ('later' in why) verdicts[i] = { status: 'later', error: why.later };
        else {
          publisher.syncDays('receipts', [dayOf(name)]);
          verdicts[i] = { status: 'known', notice: name, attempt: numberOf(item), receipt: standing.receipt, detail: why.known };
        }
      });
    }
    const results = await publisher.publishAll(written.map(({ told, next }) => ({ chain: told.notice.name, publication: next })));
    ledger = new Ledger(layout, liveness);
    open = [];
    written.forEach(({ i, told, next }, at) => {
      orRefuse(verdicts, i, () => {
        const isOurs = results[at] === 'created';
        if (isOurs && isTold(layout, told, next, ledger.revisions(told.notice.name))) {
          verdicts[i] = { status: 'recorded', notice: told.notice.name, attempt: numberOf(told), receipt: next };
          return;
        }
        if (isOurs) shadowed.add(i);
        open.push(i);
      });
    });
  }
  return verdicts;
}

function lateVerdict(told: Told, receipt: Stored<Receipt> | null, { event, isNews }: LateFact): Verdict {
  const about = { notice: told.notice.name, attempt: numberOf(told), receipt };
  return isNews
    ? { status: 'late', ...about, event }
    : { status: 'known', ...about, detail: `it was said before: events/${dayOf(event)}/${event}.json` };
}

const numberOf = ({ handoff }: Told): number | null => handoff?.document.attempt ?? null;

/** What cannot be believed is this one's verdict; a fault of the disk is everybody's. */
function orRefuse(verdicts: Verdict[], i: number, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof RgovError)) throw error;
    const isOurs = error.kind === 'state_io' || error.kind === 'invalid_documents';
    verdicts[i] = { status: isOurs ? 'later' : 'refused', error };
  }
}

export interface ConfirmOptions extends WorkspaceOptions {
  /** A handoff or a notice by name, path or a unique part of the notice's name, with `.N` behind it for attempt N. */
  handoff: string;
  evidence?: Statement['evidence'];
  reference?: string | undefined;
  failed?: string | undefined;
  /** The user's name if it is not said. */
  by?: string | undefined;
  at_ms?: number | undefined;
  note?: string | undefined;
}

export interface Confirmed {
  notice: string;
  attempt: number | null;
  receipt: Stored<Receipt> | null;
  /** False: nothing was written. */
  changed: boolean;
  /** Why nothing was written; empty otherwise. */
  detail: string;
  /** Where the notice's day is sealed: the event that says so. */
  event?: string;
}

/** Says what became of one handoff. Throws what makes it unbelievable. */
export async function confirm(options: ConfirmOptions, clock: () => number = Date.now): Promise<Confirmed> {
  const { workspace } = await openLastValidWorkspace(options);
  const { evidence, reference, failed, by, at_ms, note: detail } = options;
  const handoff = wholeName(workspace.layout, options.handoff);
  const at = at_ms === undefined ? undefined : formatTime(at_ms);
  return confirmOne(workspace, { statement: { handoff, evidence, reference, failed, by, at, detail }, defaultBy: userName() }, clock());
}

/** One statement, with an error where it comes to nothing. */
export async function confirmOne(workspace: Workspace, incoming: Incoming, now_ms: number): Promise<Confirmed> {
  const publisher = new Publisher(workspace.layout, thisOwner().nonce);
  const [verdict] = await confirmAll({ workspace, publisher, livenessOf: (owner) => livenessOf(owner) }, [incoming], now_ms);
  if (verdict?.status === 'recorded') {
    const { notice, attempt, receipt } = verdict;
    return { notice, attempt, receipt: asStored(notice, receipt), changed: true, detail: '' };
  }
  if (verdict?.status === 'known') {
    const { notice, attempt, receipt, detail } = verdict;
    return { notice, attempt, receipt, changed: false, detail };
  }
  if (verdict?.status === 'late') {
    const { status: _, ...about } = verdict;
    return { ...about, changed: true, detail: '' };
  }
  throw verdict?.error ?? new RgovError('internal', 'a statement without a verdict');
}

function wholeName(layout: Layout, text: string): string {
  const stem = (text.split('/').pop() ?? '').replace(/\.json$/, '');
  if (parseFile('handoffs', dayOf(stem), `${stem}.json`) || parseName(stem)) return stem;
  const [, part = stem, number] = /^(.+)\.([1-9]\d{0,3})$/.exec(stem) ?? [];
  const { name } = findByPart(layout, number === undefined ? text : part, 'notice');
  return number === undefined ? name : `${name}.${number}`;
}

/** The account that ran the command. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
