import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Claim, Deferral, Handoff, Link, Receipt } from '../../src/model/artifacts.ts';
import { sha256 } from '../../src/model/hash.ts';
import { dayOf } from '../../src/model/names.ts';
import { currentReceipt } from '../../src/model/truth.ts';
import { namesBelow } from '../support/hostile-things.ts';
import type { Received } from './receiver.ts';

/** What may never be seen, by name; the last three only once everything has come to its end. */
export type Check =
  | 'acked but never received'
  | 'attempt received twice'
  | 'attempt received that nobody had claimed'
  | 'claim changed or gone'
  | 'double without an indeterminate deferral'
  | 'received twice although the sender is not idempotent'
  | 'link broken'
  | 'lost'
  | 'not acked'
  | 'blocked for another reason than indeterminate';

export interface Violation {
  check: Check;
  what: string;
}

export interface Promised {
  /** Whether the receiver ignores what it has already. */
  idempotent: boolean;
  /** How many notices must have come to their end; null while they are on their way. */
  notices: number | null;
}

/** Judges by nothing but the files below `state/` and the receiver's own log. */
export class Checker {
  readonly #state: string;
  /** Claims as they were seen first, by path. */
  readonly #claims = new Map<string, string>();
  /** Files that were there when they were listed, and gone when they were read. */
  readonly #vanished = new Set<string>();

  constructor(state: string) {
    this.#state = state;
  }

  /** Remembers what has been claimed so far. */
  seeClaims(): void {
    for (const path of this.#files('handoffs')) {
      const text = this.#claims.has(path) ? null : this.#text(path);
      if (text !== null && isClaim(path, text)) this.#claims.set(path, text);
    }
  }

  /** Holds at any moment: whatever is read, its cause is read after it. */
  check(log: readonly Received[], { idempotent, notices }: Promised): Violation[] {
    const receipts = this.#read<Receipt>('receipts');
    const received = [...log];
    const handoffs = this.#read<Handoff | Claim | Deferral>('handoffs');
    const violations = [
      ...ackedUnreceived(receipts, received),
      ...receivedTwice(received),
      ...unclaimed(received, handoffs),
      ...this.#changedClaims(),
      ...[...this.#vanished].map((path): Violation => ({ check: 'claim changed or gone', what: path })),
      ...(idempotent ? unrecordedDoubles(received, handoffs) : anyDoubles(received)),
      ...this.#brokenLinks(new Map<string, object>([...receipts, ...handoffs])),
    ];
    return notices === null ? violations : [...violations, ...this.#unfinished(receipts, notices, idempotent)];
  }

  /** How many attempts were left behind by a process that died. */
  indeterminate(): number {
    const receipts = [...this.#read<Receipt>('receipts').values()].filter(({ reason }) => reason === 'indeterminate');
    return receipts.length + [...this.#read<Deferral>('handoffs').values()].filter(({ reason }) => reason === 'indeterminate').length;
  }

  /** How many notices have a receipt. */
  settled(): number {
    return new Set(this.#files('receipts').map((path) => noticeOf(path).split('.').slice(0, -2).join('.'))).size;
  }

  #unfinished(receipts: ReadonlyMap<string, Receipt>, notices: number, idempotent: boolean): Violation[] {
    const queued = this.#files('queue').map(noticeOf);
    const violations: Violation[] = [];
    if (queued.length !== notices) violations.push({ check: 'lost', what: `${queued.length} notices of ${notices}` });
    const byNotice = new Map<string, Receipt[]>();
    for (const receipt of receipts.values())
      byNotice.set(noticeOf(receipt.notice.path), [...(byNotice.get(noticeOf(receipt.notice.path)) ?? []), receipt]);
    for (const notice of queued) {
      const receipt = currentReceipt(byNotice.get(notice) ?? []);
      if (receipt === null) violations.push({ check: 'lost', what: `${notice} has no receipt` });
      else if (receipt.status === 'acked') continue;
      else if (idempotent) violations.push({ check: 'not acked', what: `${notice}: ${receipt.status}, ${receipt.reason}` });
      else if (receipt.reason !== 'indeterminate') {
        violations.push({ check: 'blocked for another reason than indeterminate', what: `${notice}: ${receipt.status}, ${receipt.reason}` });
      }
    }
    return violations;
  }

  #changedClaims(): Violation[] {
    return [...this.#claims].flatMap(([path, text]) => (this.#text(path) === text ? [] : [{ check: 'claim changed or gone' as const, what: path }]));
  }

  #brokenLinks(documents: ReadonlyMap<string, object>): Violation[] {
    const violations: Violation[] = [];
    for (const [path, document] of documents) {
      const links = linksIn(document);
      if (links.length === 0) violations.push({ check: 'link broken', what: `${path} names no cause` });
      for (const { path: target, sha256: expected } of links) {
        const text = this.#text(target);
        const isSound = text !== null && sha256(text) === expected;
        if (!isSound) violations.push({ check: 'link broken', what: `${path} -> ${target}` });
      }
    }
    return violations;
  }

  #read<T extends object>(stage: string): Map<string, T> {
    const found = new Map<string, T>();
    for (const path of this.#files(stage)) {
      const text = this.#text(path);
      if (text !== null) found.set(path, JSON.parse(text) as T);
    }
    return found;
  }

  #files(stage: string): string[] {
    return existsSync(join(this.#state, stage)) ? namesBelow(this.#state, stage).filter((path) => path.endsWith('.json')) : [];
  }

  /** Null where it has been taken away since it was listed: nothing ever may be. */
  #text(path: string): string | null {
    try {
      return readFileSync(join(this.#state, path), 'utf8');
    } catch {
      this.#vanished.add(path);
      return null;
    }
  }
}

function ackedUnreceived(receipts: ReadonlyMap<string, Receipt>, received: readonly Received[]): Violation[] {
  const keys = new Set(received.map(({ key }) => key));
  return [...receipts.values()].flatMap(({ status, notice }) =>
    status === 'acked' && !keys.has(noticeOf(notice.path)) ? [{ check: 'acked but never received' as const, what: noticeOf(notice.path) }] : [],
  );
}

function receivedTwice(received: readonly Received[]): Violation[] {
  return repeated(received.map(nameOf)).map((what) => ({ check: 'attempt received twice', what }));
}

function unclaimed(received: readonly Received[], handoffs: ReadonlyMap<string, object>): Violation[] {
  const claimed = new Set([...handoffs].flatMap(([path, document]) => (isClaim(path, JSON.stringify(document)) ? [path] : [])));
  return received.flatMap(({ key, attempt }) => {
    const file = `handoffs/${dayOf(key)}/${key}.${attempt}`;
    if (claimed.has(`${file}.claimed.json`) || claimed.has(`${file}.json`)) return [];
    return [{ check: 'attempt received that nobody had claimed' as const, what: `${key} ${attempt}` }];
  });
}

/** Whatever was received and then sent again: its first attempts are those of which nobody knew what came of them. */
function unrecordedDoubles(received: readonly Received[], handoffs: ReadonlyMap<string, object>): Violation[] {
  const last = new Map<string, number>();
  for (const { key, attempt } of received) last.set(key, Math.max(attempt, last.get(key) ?? 0));
  return received.flatMap(({ key, attempt }) => {
    if (attempt === last.get(key)) return [];
    const deferral = handoffs.get(`handoffs/${dayOf(key)}/${key}.${attempt}.deferred.json`) as Deferral | undefined;
    if (deferral?.reason === 'indeterminate') return [];
    return [{ check: 'double without an indeterminate deferral' as const, what: `${key} ${attempt}: ${deferral?.reason ?? 'no deferral'}` }];
  });
}

function anyDoubles(received: readonly Received[]): Violation[] {
  return repeated(received.map(({ key }) => key)).map((what) => ({ check: 'received twice although the sender is not idempotent', what }));
}

function repeated(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.filter((name) => seen.size === seen.add(name).size);
}

/** A claim of a bridge, or a handoff that its own maker claimed. */
function isClaim(path: string, text: string): boolean {
  if (path.endsWith('.claimed.json')) return true;
  return /\.\d+\.json$/.test(path) && (JSON.parse(text) as Handoff).owner !== null;
}

function linksIn(document: object): Link[] {
  return Object.values(document as Record<string, unknown>).filter(isLink);
}

const isLink = (value: unknown): value is Link => typeof value === 'object' && value !== null && 'path' in value && 'sha256' in value;

const nameOf = ({ key, attempt }: Received): string => `${key} ${attempt}`;

const noticeOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1, -'.json'.length);
