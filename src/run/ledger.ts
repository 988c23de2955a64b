import type { Handoff, Receipt, Stored } from '../model/artifacts.ts';
import { dayOf, fileName, parseFile } from '../model/names.ts';
import { listStage } from '../store/history.ts';
import type { Layout } from '../store/layout.ts';
import { readArtifact } from '../store/read.ts';
import { listRevisions, type NoticeStanding, type RevisionFile } from '../store/receipts.ts';
import { believedStanding } from './evidence.ts';
import type { PassDeps } from './pass-report.ts';

/** What is on disk of many notices, each day listed once, and what is about to be written on top of it. */
export class Ledger {
  readonly #layout: Layout;
  readonly #livenessOf: PassDeps['host']['livenessOf'];
  readonly #revisions = new Map<string, Map<string, RevisionFile[]>>();
  readonly #attempts = new Map<string, Map<string, { attempt: number; word: string }[]>>();
  readonly #history = new Map<string, Stored<Receipt>[]>();
  readonly #standing = new Map<string, NoticeStanding>();

  constructor(layout: Layout, livenessOf: PassDeps['host']['livenessOf']) {
    this.#layout = layout;
    this.#livenessOf = livenessOf;
  }

  revisions(notice: string): readonly RevisionFile[] {
    const day = dayOf(notice);
    let known = this.#revisions.get(day);
    if (!known) {
      known = byName(listRevisions(this.#layout, day));
      this.#revisions.set(day, known);
    }
    return known.get(notice) ?? [];
  }

  /** What is true of a notice, with what is about to be written. Throws `negative` where that cannot be believed. */
  standing(notice: string): NoticeStanding {
    let known = this.#standing.get(notice);
    if (!known) {
      known = believedStanding(this.#layout, notice, this.revisions(notice));
      this.#standing.set(notice, known);
    }
    return known;
  }

  /** Every receipt that a notice ever had and that can be read. */
  history(notice: string): readonly Stored<Receipt>[] {
    let known = this.#history.get(notice);
    if (!known) {
      known = this.revisions(notice).flatMap(({ status, file }) => {
        const read = status === 'reopened' ? null : readArtifact(this.#layout, 'receipt', 'receipts', notice, file);
        return read?.kind === 'ok' ? [read.stored] : [];
      });
      this.#history.set(notice, known);
    }
    return known;
  }

  /** Takes in what is about to be written. */
  add(receipt: Stored<Receipt>): void {
    const { name, link } = receipt;
    this.#history.set(name, [...this.history(name), receipt]);
    this.#standing.set(name, { receipt, reopened: null, file: link.path.slice(link.path.lastIndexOf('/') + 1) });
  }

  /** 0 if there is none. */
  lastAttempt(notice: string): number {
    return Math.max(0, ...this.#attemptsOf(notice).map(({ attempt }) => attempt));
  }

  handoff(notice: string, path: string): Stored<Handoff> | null {
    const read = readArtifact(this.#layout, 'handoff', 'handoffs', notice, path.slice(path.lastIndexOf('/') + 1));
    return read.kind === 'ok' ? read.stored : null;
  }

  cameBack(notice: string, attempt: number): boolean {
    return this.#attemptsOf(notice).some((file) => file.attempt === attempt && file.word === 'deferral');
  }

  /** Whether a process may be at work on this attempt at this moment. */
  isUnderWay({ name, document }: Stored<Handoff>): boolean {
    const claim = readArtifact(this.#layout, 'claim', 'handoffs', name, fileName.claim(name, document.attempt));
    const { owner, leaseMs } = claim.kind === 'ok' ? claim.stored.document : document;
    return owner !== null && this.#livenessOf(owner, leaseMs ?? 0) === 'alive';
  }

  #attemptsOf(notice: string): readonly { attempt: number; word: string }[] {
    const day = dayOf(notice);
    let known = this.#attempts.get(day);
    if (!known) {
      const files = listStage(this.#layout, 'handoffs', day).flatMap((file) => {
        const parsed = parseFile('handoffs', day, file);
        return parsed && 'attempt' in parsed ? [{ name: parsed.name, attempt: parsed.attempt, word: parsed.kind }] : [];
      });
      known = byName(files);
      this.#attempts.set(day, known);
    }
    return known.get(notice) ?? [];
  }
}

function byName<T extends { name: string }>(items: readonly T[]): Map<string, T[]> {
  const map = new Map<string, T[]>();
  for (const item of items) {
    const same = map.get(item.name);
    if (same) same.push(item);
    else map.set(item.name, [item]);
  }
  return map;
}
