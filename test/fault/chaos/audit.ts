import type { Claim, Deferral, Evidence, Handoff, Link, Receipt, Reopening } from '../../../src/model/artifacts.ts';
import { type Ceiling, highest, reaches } from '../../../src/model/evidence.ts';
import { sha256 } from '../../../src/model/hash.ts';
import { dayOf } from '../../../src/model/names.ts';
import { currentReceipt } from '../../../src/model/truth.ts';
import type { Received } from './receiver.ts';
import { filesOf, nameIn, StateFiles } from './state-files.ts';

/** What may never be seen in a state that has come to rest, by name. */
export type Check =
  | 'told success, and no event'
  | 'event recorded twice'
  | 'event not decided once'
  | 'notice missing or not asked for'
  | 'notice without one truth'
  | 'revisions with a hole'
  | 'evidence lost'
  | 'acked without the evidence that it requires'
  | 'evidence above the ceiling'
  | 'evidence of a message that was not received'
  | 'attempt received twice'
  | 'attempt received that nobody had claimed'
  | 'double without an attempt in doubt'
  | 'received twice although the sender is not idempotent'
  | 'link broken'
  | 'something left behind'
  | 'found by rgov verify';

export interface Violation {
  check: Check;
  what: string;
}

/** What the outside knows, and what was promised of each way out. */
export interface Outside {
  log: readonly Received[];
  /** Ids of events of which `source` was told that they are recorded, or whose drop was taken. */
  told: Iterable<{ source: string; id: string }>;
  /** By sender: whether its receiver ignores what it has already. */
  idempotent: Readonly<Record<string, boolean>>;
  /** The most that any of these senders can prove. */
  ceiling: Ceiling;
}

/** Judges a state at rest by nothing but its files and what the outside knows. */
export function audit(state: string, outside: Outside): Violation[] {
  const files = new StateFiles(state);
  return [
    ...events(files, outside),
    ...decisions(files),
    ...truths(files, outside),
    ...attempts(files, outside),
    ...links(files),
    ...[...filesOf(state, 'inbox'), ...filesOf(state, 'quarantine')].map((what) => ({ check: 'something left behind' as const, what })),
  ];
}

function events({ events: all }: StateFiles, { told }: Outside): Violation[] {
  const byFact = groups(all, ({ source, id }) => `${source} ${id}`);
  const missing = [...told].filter(({ source, id }) => !byFact.has(`${source} ${id}`));
  return [
    ...missing.map(({ source, id }): Violation => ({ check: 'told success, and no event', what: `${source} ${id}` })),
    ...[...byFact]
      .filter(([, paths]) => paths.length > 1)
      .map(([, paths]): Violation => ({ check: 'event recorded twice', what: paths.join(' and ') })),
  ];
}

function decisions(files: StateFiles): Violation[] {
  const violations: Violation[] = [];
  const deciding = groups(files.decisions, ({ event }) => event.path);
  for (const path of files.events.keys()) {
    const count = deciding.get(path)?.length ?? 0;
    if (count !== 1) violations.push({ check: 'event not decided once', what: `${path}: ${count} decisions` });
  }
  for (const [path] of deciding) if (!files.events.has(path)) violations.push({ check: 'event not decided once', what: `${path} is not there` });
  const asked = new Set([...files.decisions.values()].flatMap(({ notices }) => notices.map(({ id }) => id)));
  const queued = new Set([...files.queue.keys()].map(nameIn));
  for (const name of [...asked, ...queued].filter((name) => !asked.has(name) || !queued.has(name))) {
    violations.push({ check: 'notice missing or not asked for', what: name });
  }
  return violations;
}

type Standing = Receipt | (Reopening & { status: 'reopened' });

const standingOf = (document: Receipt | Reopening): Standing => ('status' in document ? document : { ...document, status: 'reopened' });

function truths(files: StateFiles, { log, ceiling }: Outside): Violation[] {
  const violations: Violation[] = [];
  const receipts = groups(files.receipts, ({ notice }) => notice.path);
  for (const notice of files.queue.keys()) {
    const all = (receipts.get(notice) ?? []).map((path) => standingOf(files.receipts.get(path) as Receipt | Reopening));
    const truth = currentReceipt(all);
    if (truth === null || truth.status === 'reopened') {
      violations.push({ check: 'notice without one truth', what: `${nameIn(notice)}: ${truth?.status ?? 'no receipt'}` });
      continue;
    }
    const revisions = new Set(all.map(({ revision }) => revision));
    if (revisions.size !== truth.revision) violations.push({ check: 'revisions with a hole', what: `${nameIn(notice)}: ${[...revisions]}` });
    for (const item of all) if (item.status !== 'reopened') violations.push(...evidenceOf(item, log, ceiling));
    violations.push(...lostEvidence(nameIn(notice), all, truth));
  }
  return violations;
}

function evidenceOf(receipt: Receipt, log: readonly Received[], ceiling: Ceiling): Violation[] {
  const { evidence, requires, status, handoff, revision } = receipt;
  const notice = nameIn(receipt.notice.path);
  const violations: Violation[] = [];
  const what = `${notice}, revision ${revision}`;
  if (status === 'acked' && !reaches(highest(evidence.map(({ level }) => level)), requires))
    violations.push({ check: 'acked without the evidence that it requires', what });
  for (const { by, level, reference } of evidence) {
    if (by.startsWith('human:')) continue;
    if (!reaches(ceiling, level)) violations.push({ check: 'evidence above the ceiling', what: `${what}: ${by} ${level}` });
    if (!by.startsWith('sender:')) continue;
    const isThere = log.some((one) => one.taken && one.reference === reference && one.key === notice && `sender:${one.sender}` === by);
    if (!isThere) violations.push({ check: 'evidence of a message that was not received', what: `${what}: ${handoff?.path} ${reference}` });
  }
  return violations;
}

/** Whatever a sender has proved stays proved, unless it was taken back by a report that the message did not arrive. */
function lostEvidence(notice: string, all: readonly Standing[], truth: Receipt): Violation[] {
  if (all.some((item) => item.status !== 'reopened' && item.reason === 'bounced')) return [];
  const key = ({ by, level, reference }: Evidence): string => `${by} ${level} ${reference}`;
  const kept = new Set(truth.evidence.map(key));
  const said = all.flatMap((item) => (item.status === 'reopened' ? [] : item.evidence.map(key)));
  return [...new Set(said)].filter((item) => !kept.has(item)).map((item) => ({ check: 'evidence lost', what: `${notice}: ${item}` }));
}

function attempts(files: StateFiles, { log, idempotent }: Outside): Violation[] {
  const violations: Violation[] = [];
  const seen = new Set<string>();
  for (const { key, attempt } of log) {
    const name = `${key} ${attempt}`;
    if (seen.size === seen.add(name).size) violations.push({ check: 'attempt received twice', what: name });
    const stem = `handoffs/${dayOf(key)}/${key}.${attempt}`;
    const claim = files.handoffs.get(`${stem}.claimed.json`) ?? files.handoffs.get(`${stem}.json`);
    if (claim === undefined || (claim as Handoff | Claim).owner === null)
      violations.push({ check: 'attempt received that nobody had claimed', what: name });
  }
  const reopenings = groups(files.receipts, ({ notice }) => nameIn(notice.path));
  const last = new Map<string, number>();
  for (const { key, attempt } of log.filter(({ taken }) => taken)) last.set(key, Math.max(attempt, last.get(key) ?? 0));
  for (const { key, attempt, sender, taken } of log) {
    if (!taken || attempt === last.get(key)) continue;
    const receipts = (reopenings.get(key) ?? []).map((path) => files.receipts.get(path) as Receipt | Reopening);
    // A human has judged it, and asked for one more.
    if (receipts.some((item) => 'afterAttempt' in item && item.afterAttempt >= attempt)) continue;
    const deferral = files.handoffs.get(`handoffs/${dayOf(key)}/${key}.${attempt}.deferred.json`) as Deferral | undefined;
    const isInDoubt = deferral?.reason === 'indeterminate' || deferral?.reason === 'ambiguous';
    if (!idempotent[sender]) violations.push({ check: 'received twice although the sender is not idempotent', what: `${key} ${attempt}` });
    else if (!isInDoubt)
      violations.push({ check: 'double without an attempt in doubt', what: `${key} ${attempt}: ${deferral?.reason ?? 'no deferral'}` });
  }
  return violations;
}

function links(files: StateFiles): Violation[] {
  const sums = new Map<string, string | null>();
  const sumOf = (path: string): string | null => {
    const known = sums.get(path);
    if (known !== undefined) return known;
    const text = files.text(path);
    const sum = text === null ? null : sha256(text);
    sums.set(path, sum);
    return sum;
  };
  return [...files.all].flatMap(([path, document]) =>
    linksIn(document)
      .filter(({ path: target, sha256: expected }) => sumOf(target) !== expected)
      .map(({ path: target }) => ({ check: 'link broken' as const, what: `${path} -> ${target}` })),
  );
}

function linksIn(value: unknown): Link[] {
  if (typeof value !== 'object' || value === null) return [];
  return 'path' in value && 'sha256' in value ? [value as Link] : Object.values(value).flatMap(linksIn);
}

function groups<T>(documents: ReadonlyMap<string, T>, keyOf: (document: T) => string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [path, document] of documents) {
    const key = keyOf(document);
    const same = found.get(key);
    if (same) same.push(path);
    else found.set(key, [path]);
  }
  return found;
}
