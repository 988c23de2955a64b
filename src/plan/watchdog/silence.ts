import type { Expectation } from '../../model/catalog.ts';
import type { Finding } from './findings.ts';
import type { Track } from './state.ts';

/**
 * Finds the silence of a subject up to a moment: that a word is overdue, and the reminders since. `over` says that the
 * silence is broken by then; its reminders are of no use to anybody any more.
 */
export function silenceUntil(expectation: Expectation, track: Track, until_ms: number, over: boolean, findings: Finding[]): void {
  if (track.due_ms === null || (track.silence === null && track.due_ms > until_ms)) return;
  const { subject, run, last, due_ms } = track;
  const owed = { expectation, subject, run, last, due_ms };
  // Whoever is told now that it is overdue need not be reminded of it in the same breath.
  const isNews = track.silence === null;
  if (track.silence === null) {
    track.silence = { due_ms, reminded: 0 };
    findings.push({ kind: 'overdue', ...owed, at_ms: due_ms, reminder: 0, superseded: false });
  }
  for (let at_ms = nextReminder(expectation, track); at_ms !== null && at_ms <= until_ms; at_ms = nextReminder(expectation, track)) {
    const reminder = ++track.silence.reminded;
    const following_ms = nextReminder(expectation, track);
    const superseded = over || isNews || (following_ms !== null && following_ms <= until_ms);
    findings.push({ kind: 'overdue', ...owed, due_ms: track.silence.due_ms, at_ms, reminder, superseded });
  }
}

/** When the next reminder of a silence is due; null if there is no silence, or none is left. */
export function nextReminder({ remind }: Expectation, { silence }: Track): number | null {
  if (remind === null || silence === null || silence.reminded >= remind.atMost) return null;
  return silence.due_ms + (silence.reminded + 1) * remind.every_ms;
}
