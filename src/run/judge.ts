import { API_VERSION, type Evidence, type Handoff, type Stored } from '../model/artifacts.ts';
import { check } from '../model/check.ts';
import { RgovError } from '../model/errors.ts';
import { EVIDENCE_WORDS, reaches } from '../model/evidence.ts';
import { dayOf, fileName, parseFile, parseName } from '../model/names.ts';
import { oneLine, truncate } from '../model/text.ts';
import { formatTime, parseTime } from '../model/time.ts';
import type { Layout } from '../store/layout.ts';
import { readArtifact } from '../store/read.ts';
import type { Told } from './evidence.ts';
import type { Ledger } from './ledger.ts';
import type { Attempted } from './testimony.ts';

/** What somebody says became of a handoff: a Confirmation without its heading. */
export interface Statement {
  /** NOTICE.N or the path of a handoff, or a notice's name: then its last attempt is meant. Never a part of a name. */
  handoff?: string | undefined;
  evidence?: Exclude<Evidence['level'], 'acknowledged'> | undefined;
  reference?: string | undefined;
  failed?: string | undefined;
  /** Of an acknowledgement link; instead of all of the above. */
  token?: string | undefined;
  /** Who says so. */
  by?: string | undefined;
  /** RFC 3339 in UTC with milliseconds. */
  at?: string | undefined;
  detail?: string | undefined;
}

/** A statement that names nobody is one of this name: the way it came in. */
export interface Incoming {
  statement: Statement;
  defaultBy: string;
}

/** A clock that runs ahead further than this is wrong. */
const MAX_AHEAD_MS = 86_400_000;

/** Whether somebody may say this at all. Throws what is wrong with it. */
export function judge(
  layout: Layout,
  ledger: Ledger,
  { statement, defaultBy }: Incoming,
  noticeOf: (token: string) => string,
  now_ms: number,
): Attempted {
  const failure = check('confirmation', { apiVersion: API_VERSION, kind: 'Confirmation', ...withoutUndefined(statement) });
  if (failure) throw new RgovError('usage', `no confirmation: ${failure.detail}`, { hint: 'rgov confirm --help' });
  const at = timeOf(statement.at, now_ms);
  const detail = statement.detail === undefined ? {} : { detail: truncate(oneLine(statement.detail), 2000) };
  if (statement.token !== undefined) {
    const notice = readNotice(layout, noticeOf(statement.token));
    const by = `human:${nameOf(statement.by) ?? notice.document.target}`;
    const evidence: Evidence = { level: 'acknowledged', by, at, reference: 'acknowledgement link', ...detail };
    return { notice, handoff: null, last: 0, said: { kind: 'evidence', evidence } };
  }
  const { name, attempt } = handoffNamed(statement.handoff ?? '');
  const notice = readNotice(layout, name);
  const { handoff, last } = readAttempt(layout, ledger, name, attempt);
  const by = `report:${nameOf(statement.by) ?? defaultBy}`;
  if (statement.failed !== undefined) {
    const parts = [
      statement.failed,
      ...(statement.at === undefined ? [] : [`(at ${at})`]),
      ...(detail.detail === undefined ? [] : [`; ${detail.detail}`]),
    ];
    return { notice, handoff, last, said: { kind: 'failure', by, detail: oneLine(parts.join(' ')) } };
  }
  const level = statement.evidence as Evidence['level'];
  const { ceiling, name: sender } = handoff.document.sender;
  if (!reaches(ceiling, level)) {
    throw new RgovError('negative', `nothing was written: ${level} is more than ${sender} can prove, whose ceiling is ${ceiling}`, {
      expected: ceiling === 'none' ? 'no evidence at all, only --failed' : `${ceiling} at most (${EVIDENCE_WORDS[ceiling]})`,
      hint: `if a human was told: rgov ack ${name} --by NAME`,
    });
  }
  const reference = oneLine(statement.reference ?? '');
  if (reference === '') throw new RgovError('usage', 'the reference is empty', { expected: 'the confirming system’s own id' });
  return { notice, handoff, last, said: { kind: 'evidence', evidence: { level, by, at, reference, ...detail } } };
}

function withoutUndefined(statement: Statement): object {
  return Object.fromEntries(Object.entries(statement).filter(([, value]) => value !== undefined));
}

/** Nobody speaks as a human or as the sender itself by calling themselves so. */
function nameOf(by: string | undefined): string | null {
  if (by === undefined) return null;
  const name = truncate(oneLine(by.replace(/^report:/, '')), 150);
  if (name === '' || /^(human|sender):/.test(name)) {
    throw new RgovError('negative', `${JSON.stringify(name)} is no name of a reporting system`, {
      expected: 'a name such as mail-gateway; a human says so with rgov ack',
    });
  }
  return name;
}

function timeOf(at: string | undefined, now_ms: number): string {
  if (at === undefined) return formatTime(now_ms);
  const at_ms = parseTime(at);
  if (at_ms === null) throw new RgovError('usage', `${truncate(oneLine(at), 60)} is no moment`);
  if (at_ms - now_ms > MAX_AHEAD_MS) throw new RgovError('negative', `nothing was written: ${at} lies in the future`);
  return formatTime(at_ms);
}

/** The notice and the attempt that a name or a path stands for, by its last part alone. Throws `not_found` if it is the name of neither. */
function handoffNamed(text: string): { name: string; attempt: number | null } {
  const file = `${(text.split('/').pop() ?? '').replace(/\.json$/, '')}.json`;
  const day = dayOf(file);
  const handoff = parseFile('handoffs', day, file);
  if (handoff && 'attempt' in handoff) return { name: handoff.name, attempt: handoff.attempt };
  const other = parseFile('queue', day, file) ?? parseFile('receipts', day, file);
  if (other) return { name: other.name, attempt: null };
  throw new RgovError('not_found', `${JSON.stringify(truncate(oneLine(text), 100))} names no handoff and no notice`, {
    expected: 'NOTICE.N or the path of a handoff, or the whole name of a notice',
    hint: 'rgov handoffs --open',
  });
}

function readNotice(layout: Layout, name: string): Told['notice'] {
  const read = parseName(name) ? readArtifact(layout, 'notice', 'queue', name, fileName.notice(name)) : { kind: 'missing' as const };
  if (read.kind === 'ok') return read.stored;
  if (read.kind === 'bad') throw new RgovError('negative', `the notice ${read.path} cannot be believed: ${read.detail}`);
  throw new RgovError('not_found', `there is no notice ${name}`, { hint: 'rgov handoffs --open' });
}

function readAttempt(layout: Layout, ledger: Ledger, name: string, attempt: number | null): { handoff: Stored<Handoff>; last: number } {
  const last = ledger.lastAttempt(name);
  const number = attempt ?? last;
  const read = number === 0 ? { kind: 'missing' as const } : readArtifact(layout, 'handoff', 'handoffs', name, fileName.handoff(name, number));
  if (read.kind === 'ok') return { handoff: read.stored, last };
  if (read.kind === 'bad') throw new RgovError('negative', `the handoff ${read.path} cannot be believed: ${read.detail}`);
  throw new RgovError('not_found', number === 0 ? `no attempt was made yet to send ${name}` : `there is no attempt ${number} to send ${name}`, {
    hint: `rgov explain ${name}`,
  });
}
