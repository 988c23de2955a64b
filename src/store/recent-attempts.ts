import { lstatSync } from 'node:fs';
import { dayOf, fileName, parseName } from '../model/names.ts';
import { isOwnersEnd } from '../model/truth.ts';
import type { Layout } from './layout.ts';
import { readArtifact } from './read.ts';
import { listReceipts } from './receipts.ts';
import type { Survey } from './survey.ts';

/** More of the newest than this say nothing more. */
const MOST_READ = 400;

/** An attempt that did not get its notice out. */
export interface FailedAttempt {
  sender: string;
  notice: string;
  at_ms: number;
  retryAfter_ms: number | null;
}

/** Receipts that say that nothing got through for now; a refusal is an answer, and none of them. */
const FAILURES = new Set(['attempts_exhausted', 'indeterminate']);

/** Deferrals that say nothing of how the receiver fares. */
const SAYS_NOTHING = new Set(['rejected', 'indeterminate', 'not_begun']);

/**
 * The newest failures that the names of a survey promise: deferred attempts of open notices, and notices that are blocked.
 * `known` holds what was read before, by file: an artifact never changes.
 */
export function recentFailures(
  layout: Layout,
  { open, unproved }: Pick<Survey, 'open' | 'unproved'>,
  known = new Map<string, FailedAttempt | null>(),
): FailedAttempt[] {
  const files = [
    ...open.flatMap(({ name, attempt, deferred }) =>
      deferred ? [{ stage: 'handoffs' as const, name, file: fileName.deferral(name, attempt), attempt }] : [],
    ),
    ...unproved.flatMap(({ name, receipt }) =>
      receipt.endsWith('.blocked.json') ? [{ stage: 'receipts' as const, name, file: receipt, attempt: 0 }] : [],
    ),
  ];
  return newest(layout, files).flatMap(({ stage, name, file, attempt }) => {
    const before = known.get(file);
    if (before !== undefined) return before ?? [];
    const found = stage === 'handoffs' ? deferredAttempt(layout, name, file, attempt) : blockedAttempt(layout, name, file);
    known.set(file, found);
    return found ?? [];
  });
}

function deferredAttempt(layout: Layout, name: string, file: string, attempt: number): FailedAttempt | null {
  const read = readArtifact(layout, 'deferral', 'handoffs', name, file);
  const sender = senderOf(layout, name, attempt);
  if (read.kind !== 'ok' || sender === null) return null;
  const { recordedAt, retryAfter, reason } = read.stored.document;
  if (SAYS_NOTHING.has(reason)) return null;
  return { sender, notice: name, at_ms: Date.parse(recordedAt), retryAfter_ms: retryAfter === undefined ? null : Date.parse(retryAfter) };
}

function blockedAttempt(layout: Layout, name: string, file: string): FailedAttempt | null {
  const read = readArtifact(layout, 'receipt', 'receipts', name, file);
  if (read.kind !== 'ok' || !FAILURES.has(read.stored.document.reason) || isOwnersEnd(read.stored.document.detail)) return null;
  const sender = senderOf(layout, name, attemptIn(read.stored.document.handoff?.path));
  return sender === null ? null : { sender, notice: name, at_ms: Date.parse(read.stored.document.recordedAt), retryAfter_ms: null };
}

/** When a sender last got something through on one of these days, after that moment; null if it did not. */
export function successAfter(layout: Layout, sender: string, days: Iterable<string>, since_ms: number): number | null {
  const files = [...days].flatMap((day) =>
    listReceipts(layout, day).flatMap(({ name, file, status }) => (status === 'blocked' ? [] : [{ stage: 'receipts' as const, name, file }])),
  );
  for (const { name, file } of newest(layout, files)) {
    const read = readArtifact(layout, 'receipt', 'receipts', name, file);
    if (read.kind !== 'ok') continue;
    const { recordedAt, handoff } = read.stored.document;
    const at_ms = Date.parse(recordedAt);
    if (at_ms > since_ms && senderOf(layout, name, attemptIn(handoff?.path)) === sender) return at_ms;
  }
  return null;
}

function newest<T extends { stage: 'handoffs' | 'receipts'; name: string; file: string }>(layout: Layout, files: readonly T[]): T[] {
  if (files.length <= 1) return [...files];
  const timed = files.map((item) => ({
    item,
    changed_ms: lstatSync(`${layout.day(item.stage, dayOf(item.name))}/${item.file}`, { throwIfNoEntry: false })?.mtimeMs ?? 0,
  }));
  timed.sort((a, b) => b.changed_ms - a.changed_ms);
  return timed.slice(0, MOST_READ).map(({ item }) => item);
}

function senderOf(layout: Layout, notice: string, attempt: number): string | null {
  if (attempt === 0 || parseName(notice) === null) return null;
  const read = readArtifact(layout, 'handoff', 'handoffs', notice, fileName.handoff(notice, attempt));
  return read.kind === 'ok' ? read.stored.document.sender.name : null;
}

/** `handoffs/<day>/<notice>.<n>.json` -> n; 0 where there is no handoff. */
const attemptIn = (path: string | undefined): number => Number(/\.(\d+)\.json$/.exec(path ?? '')?.[1] ?? 0);
