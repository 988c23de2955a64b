import type { Link } from '../../model/artifacts.ts';
import type { Expectation } from '../../model/catalog.ts';
import type { EventDraft } from '../../model/event.ts';
import { sha256 } from '../../model/hash.ts';
import { formatDuration, formatTime } from '../../model/time.ts';
import { WATCHDOG_SOURCE, type WordRef } from '../../model/words.ts';
import type { Finding, Owed } from './findings.ts';
import { expectationKey } from './state.ts';

/** What a finding rests on, as it lies on disk: its links. */
export interface Grounds {
  /** The event of a word, and when it was written down; null if it cannot be read any more. */
  word(word: WordRef): { link: Link; recorded_ms: number } | null;
  /** The event that said it was overdue, of which a recovery is the end. */
  overdue: { link: Link; time_ms: number } | null;
}

/** The identity of a finding within {@link WATCHDOG_SOURCE}: of what it is, never of when it was found or by whom. */
export function findingId(finding: Finding): string {
  const key = expectationKey(finding.expectation);
  switch (finding.kind) {
    case 'in_force':
      return identity('in_force', key, finding.expectation.digest);
    case 'overdue':
      return finding.reminder === 0 ? overdueId(finding) : identity('reminder', overdueId(finding), String(finding.reminder));
    case 'recovered':
      return identity('recovered', overdueId(finding));
    case 'proven':
    case 'unproven':
      return identity('output', key, finding.word.name);
  }
}

/** One for each stretch of silence: it follows from the expectation, the subject (and run) and the last word heard. */
export function overdueId({ expectation, subject, run, last }: Omit<Owed, 'kind'>): string {
  return identity('overdue', expectationKey(expectation), subject, run ?? '', last?.name ?? '');
}

const identity = (kind: string, ...parts: string[]): string => `${kind}/${sha256(JSON.stringify(parts)).slice(0, 24)}`;

/** The event that says so. */
export function draftOf(finding: Finding, grounds: Grounds): EventDraft {
  const { expectation } = finding;
  const key = expectationKey(expectation);
  const common = { source: WATCHDOG_SOURCE, id: findingId(finding), provenance: 'derived' as const };
  const because = expectation.reason === '' ? {} : { reason: expectation.reason };
  switch (finding.kind) {
    case 'in_force':
      return {
        ...common,
        type: 'expectation.in_force',
        subject: expectationSubject(expectation),
        time: formatTime(finding.at_ms),
        data: { summary: `${expectation.subject} ${demand(expectation)}`, expectation: key, digest: expectation.digest, ...because },
      };
    case 'overdue': {
      const lastWord = finding.last === null ? null : (grounds.word(finding.last)?.link ?? null);
      return {
        ...common,
        type: 'report.overdue',
        ...whom(finding),
        time: formatTime(finding.at_ms),
        severity: expectation.severity,
        data: {
          summary: overdueSummary(finding),
          expectation: key,
          dueAt: formatTime(finding.due_ms),
          ...(finding.last === null ? {} : { lastWordAt: formatTime(finding.last.time_ms), lastWord }),
          ...(finding.subject === '' ? { neverHeard: 'anybody', pattern: expectation.subject } : {}),
          ...(finding.reminder === 0 ? {} : { reminder: finding.reminder }),
          ...(finding.superseded ? { superseded: true } : {}),
          ...because,
        },
      };
    }
    case 'recovered': {
      const { overdue } = grounds;
      const word = grounds.word(finding.word);
      // Not before the silence began, so that a listing tells the story in its order; but a silence that a clock found
      // which ran ahead may begin after its end.
      const time_ms = Math.max(finding.word.time_ms, Math.min(overdue?.time_ms ?? 0, word?.recorded_ms ?? finding.word.time_ms));
      return {
        ...common,
        type: 'report.recovered',
        ...whom(finding),
        time: formatTime(time_ms),
        data: {
          summary: overdue === null ? 'after a silence' : recoverySummary(time_ms - overdue.time_ms),
          expectation: key,
          overdue: overdue?.link ?? null,
          word: word?.link ?? null,
        },
      };
    }
    case 'proven':
    case 'unproven':
      return {
        ...common,
        type: `report.${finding.kind}`,
        subject: finding.subject,
        time: formatTime(finding.at_ms),
        ...(finding.kind === 'unproven' ? { severity: expectation.severity } : {}),
        ...(finding.run === null ? {} : { runid: finding.run }),
        data: { summary: finding.detail, expectation: key, word: grounds.word(finding.word)?.link ?? null, ...because },
      };
  }
}

/** Below zero where a clock that ran ahead found a silence that was none yet. */
function recoverySummary(late_ms: number): string {
  return late_ms < 0 ? 'before its word was due: the clock ran ahead' : `${formatDuration(late_ms)} after its word was due`;
}

const expectationSubject = (expectation: Expectation): string => `expectation/${expectationKey(expectation)}`;

function whom({ subject, run, expectation }: Owed): Pick<EventDraft, 'subject' | 'runid'> {
  return { subject: subject === '' ? expectationSubject(expectation) : subject, ...(run === null || run === '' ? {} : { runid: run }) };
}

function overdueSummary({ expectation, subject, last, due_ms, reminder }: Extract<Finding, { kind: 'overdue' }>): string {
  const again = reminder === 0 ? '' : `reminder ${reminder}: `;
  if (subject === '') return `${again}nobody whose name fits ${expectation.subject} was ever heard of`;
  if (last === null) return `${again}nothing was ever heard that counts; it ${demand(expectation)}`;
  return `${again}nothing by ${formatTime(due_ms)}, the last word that counts came at ${formatTime(last.time_ms)}; it ${demand(expectation)}`;
}

/** What is asked for, in words. */
function demand({ due, produces, expect }: Expectation): string {
  const what = expect.length === 0 ? 'must report' : `must say ${expect.join(' or ')}`;
  const output = produces === null ? '' : `must leave ${produces.path} when it succeeds`;
  if (due === null) return output;
  const and = output === '' ? '' : ` and ${output}`;
  switch (due.kind) {
    case 'schedule': {
      const grace = due.grace_ms === 0 ? '' : ` within ${formatDuration(due.grace_ms)}`;
      return `${what} at ${due.cron} (${due.timezone})${grace}${and}`;
    }
    case 'every':
      return `${what} every ${formatDuration(due.every_ms)}${due.grace_ms === 0 ? '' : ` with a grace of ${formatDuration(due.grace_ms)}`}${and}`;
    case 'after':
      return `${what} within ${formatDuration(due.within_ms)} after ${due.after}${and}`;
  }
}
