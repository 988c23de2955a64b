import type { Severity } from '../../model/artifacts.ts';
import { quoted } from '../foreign.ts';
import { type Read, unreadable } from '../values.ts';

/** What a state of a run is to a person; null: nothing that anybody must know. */
export interface State {
  type: string;
  severity?: Severity;
  /** How the summary goes on after the name of the run. */
  words: string;
}

/**
 * Statuses before a run is over (docs.github.com/en/actions/reference/workflows-and-actions/workflow-run-statuses). `waiting` may be a timer, another system or a person (a deployment protection rule), and nothing says
 * which; so it is left to the watchdog.
 */
const STATUSES: Record<string, State | null> = {
  requested: null,
  queued: null,
  pending: null,
  waiting: null,
  in_progress: { type: 'run.started', words: 'runs' },
};

/** `neutral` and `skipped` are ends at which the work was neither done nor failed: no success, and nothing that broke. */
const CONCLUSIONS: Record<string, State | null> = {
  success: { type: 'run.succeeded', words: 'succeeded' },
  failure: { type: 'run.failed', words: 'failed' },
  startup_failure: { type: 'run.failed', words: 'could not be started (startup_failure)' },
  timed_out: { type: 'run.timed_out', words: 'ran into a time limit' },
  cancelled: { type: 'run.cancelled', words: 'was cancelled' },
  // Given up by GitHub after it had heard nothing for too long.
  stale: { type: 'run.lost', words: 'was given up by GitHub (stale)' },
  // Nothing is broken: somebody has to approve it.
  action_required: { type: 'run.blocked', severity: 'warning', words: 'waits for somebody to act (action_required)' },
  neutral: null,
  skipped: null,
};

/** What status and conclusion say together; words that are not known are no success. */
export function stateOf(status: unknown, conclusion: unknown): Read<State | null> {
  if (status !== 'completed') return wordIn(STATUSES, status, 'status', ['completed', ...Object.keys(STATUSES)]);
  return wordIn(CONCLUSIONS, conclusion, 'conclusion', Object.keys(CONCLUSIONS));
}

function wordIn(words: Record<string, State | null>, word: unknown, what: string, known: readonly string[]): Read<State | null> {
  if (typeof word === 'string' && Object.hasOwn(words, word)) return { ok: true, value: words[word] ?? null };
  return unreadable(`unknown ${what} ${quoted(word)}; known are ${known.join(', ')}`);
}
