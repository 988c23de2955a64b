import type { Severity } from '../../model/artifacts.ts';
import { quoted } from '../foreign.ts';
import { type Read, unreadable } from '../values.ts';

/** What a status is to a person; null: nothing that anybody must know yet, or at all. */
export interface State {
  type: string;
  severity?: Severity;
  /** How the summary goes on after the name of the pipeline or job. */
  words: string;
}

/**
 * Statuses that pipelines and jobs share (`Ci::HasStatus` in GitLab's source; `canceling` and `waiting_for_callback` came later).
 * `skipped` is no success: nothing was done. `manual` is judged where it is known whether anything waits for it.
 */
const STATES: Record<string, State | null> = {
  created: null,
  waiting_for_resource: null,
  waiting_for_callback: null,
  preparing: null,
  pending: null,
  scheduled: null,
  running: { type: 'run.started', words: 'runs' },
  canceling: null,
  success: { type: 'run.succeeded', words: 'succeeded' },
  failed: { type: 'run.failed', words: 'failed' },
  canceled: { type: 'run.cancelled', words: 'was canceled' },
  skipped: null,
  manual: { type: 'run.blocked', severity: 'warning', words: 'waits for somebody to start its manual job' },
};

/** What a status says; one that is not known is no success. */
export function stateOf(status: unknown): Read<State | null> {
  if (typeof status === 'string' && Object.hasOwn(STATES, status)) return { ok: true, value: STATES[status] ?? null };
  return unreadable(`unknown status ${quoted(status)}; known are ${Object.keys(STATES).join(', ')}`);
}
