import type { Provenance, Severity } from '../../model/artifacts.ts';
import { type JsonObject, lineOf, withoutNulls } from '../foreign.ts';
import type { Hook } from './hook.ts';

/** One thing that a hook says. */
export interface Fact {
  type: string;
  /** Without it the type's own. */
  severity?: Severity;
  provenance: Provenance;
  /** What tells it from the other facts of the same hook in the same session. */
  key: { id: string } | { fingerprintOf: unknown };
  data: JsonObject;
}

/** `nothing`: known, and nothing that a person must hear of. */
export type Meaning = { kind: 'facts'; facts: Fact[] } | { kind: 'nothing' } | { kind: 'unreadable'; reason: string };

export const NOTHING: Meaning = { kind: 'nothing' };

export const unreadable = (reason: string): Meaning => ({ kind: 'unreadable', reason });

export const LINE_MAX = 300;
export const TEXT_MAX = 4000;
const NAME_MAX = 200;
const PATH_MAX = 500;

/** Where it happened, and whether in the session itself or in one of its subagents. */
export function placeOf({ fields }: Hook): JsonObject {
  return withoutNulls({
    agentType: lineOf(fields['agent_type'], NAME_MAX),
    agentId: lineOf(fields['agent_id'], NAME_MAX),
    cwd: lineOf(fields['cwd'], PATH_MAX),
  });
}

/** A fact that Claude Code states, and that nothing but its own words tells from others. */
export function observed(hook: Hook, type: string, words: JsonObject, more: { severity?: Severity; also?: unknown } = {}): Fact {
  const data = { ...withoutNulls(words), ...placeOf(hook) };
  const { severity, also = null } = more;
  return { type, ...(severity === undefined ? {} : { severity }), provenance: 'observed', key: { fingerprintOf: [data, also] }, data };
}

export const one = (fact: Fact): Meaning => ({ kind: 'facts', facts: [fact] });
