import type { Expectation, Output } from '../model/catalog.ts';
import { sha256 } from '../model/hash.ts';
import { parseDurationMs } from '../model/time.ts';
import { type DeclaredExpectation, type ExpectationSpec, type Expecting, expectationsIn, scheduleOf } from './expectations.ts';

const DEFAULT_REMINDERS = 6;
const DEFAULT_MIN_BYTES = 1;

/** What one document expects, as plain data. */
export function resolveExpectations(document: Expecting): Expectation[] {
  const declaredBy = document.kind === 'RuntimeBinding' ? `binding/${document.name}` : document.name;
  return expectationsIn(document).map((expectation) => resolveExpectation(expectation, declaredBy));
}

function resolveExpectation(declared: DeclaredExpectation, declaredBy: string): Expectation {
  const { spec } = declared;
  const decisive = { subject: spec.subject, due: dueOf(declared), expect: spec.expect ?? [], produces: outputOf(spec), remind: remindersOf(spec) };
  return {
    declaredBy,
    id: spec.id,
    reason: spec.reason ?? '',
    severity: spec.severity ?? 'error',
    ...decisive,
    digest: sha256(JSON.stringify(decisive)),
  };
}

function dueOf(declared: DeclaredExpectation): Expectation['due'] {
  const { spec } = declared;
  const grace_ms = duration(spec.grace);
  const schedule = scheduleOf(declared);
  if (schedule !== null) {
    const { cron, timezone } = schedule;
    return { kind: 'schedule', cron, timezone, grace_ms, early_ms: duration(spec.early) };
  }
  if (spec.every !== undefined) return { kind: 'every', every_ms: duration(spec.every), grace_ms };
  return spec.after === undefined ? null : { kind: 'after', after: spec.after, within_ms: duration(spec.within) };
}

function outputOf({ produces, grace }: ExpectationSpec): Output | null {
  if (produces === undefined) return null;
  const { path, newerThan, minBytes = DEFAULT_MIN_BYTES } = produces;
  const age = newerThan === undefined || newerThan === 'start' ? (newerThan ?? null) : duration(newerThan);
  return { path, newerThan: age, minBytes, grace_ms: duration(grace) };
}

function remindersOf({ remind }: ExpectationSpec): Expectation['remind'] {
  return remind === undefined ? null : { every_ms: duration(remind.every), atMost: remind.atMost ?? DEFAULT_REMINDERS };
}

function duration(text: string | undefined): number {
  return (text === undefined ? null : parseDurationMs(text)) ?? 0;
}
