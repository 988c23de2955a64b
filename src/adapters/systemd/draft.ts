import type { EventDraft } from '../../model/event.ts';
import { formatTime, parseTime } from '../../model/time.ts';
import { fitted } from '../fitted.ts';
import { flawOf, lineOf, quoted, withoutNulls } from '../foreign.ts';
import type { Properties } from './blocks.ts';
import { howItEnded, type State, stateOf } from './state.ts';

export type Drafted = { kind: 'draft'; draft: EventDraft } | { kind: 'nothing' } | { kind: 'rejected'; reason: string };

const UNIT = /^[A-Za-z0-9:_.\\@-]{1,240}\.(service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/;
const INVOCATION = /^[0-9a-f]{32}$/;
const TIMESTAMP_MAX = 60;

/**
 * One unit as one event, known again by its InvocationID: each start of a unit has its own. The subject is the whole name of the unit, so that
 * no two units share one. Description, status text and command line stay out: they change, or are the job's own words, or hold secrets.
 */
export function draftOf(properties: Properties): Drafted {
  const { Id: unit, InvocationID: invocation = '' } = properties;
  if (unit === undefined) return rejected('Id= is missing: nobody can tell which unit this is about');
  if (!UNIT.test(unit)) return rejected(`Id= must be the name of a unit, found ${quoted(unit)}`);
  const problem = (reason: string): Drafted => rejected(`${quoted(unit)}: ${reason}`);
  const state = stateOf(unit, properties);
  if (state.kind === 'unreadable') return problem(state.reason);
  if (state.kind === 'nothing') return { kind: 'nothing' };
  if (!INVOCATION.test(invocation))
    return problem(`InvocationID= must be 32 hexadecimal digits, found ${quoted(invocation)}, without which one run cannot be told from the next`);
  const when = timeOf(state, properties);
  const time_ms = when === null ? null : readTimestamp(when);
  const draft: EventDraft = {
    source: 'systemd/units',
    id: `${invocation}:${state.kind === 'failed' ? state.result : state.kind}`,
    type: state.kind === 'failed' ? state.type : `run.${state.kind}`,
    subject: `job/${fitted(unit)}`,
    ...(time_ms === null ? {} : { time: formatTime(time_ms) }),
    provenance: 'observed',
    runid: invocation,
    data: withoutNulls({
      summary: state.kind === 'failed' ? state.summary : state.kind === 'succeeded' ? 'its main process ended with exit code 0' : null,
      unit,
      result: state.kind === 'failed' ? state.result : null,
      ended: state.kind === 'failed' ? howItEnded(properties) : null,
      localTime: time_ms === null ? lineOf(when, TIMESTAMP_MAX) : null,
    }),
  };
  const flaw = flawOf(draft);
  return flaw === null ? { kind: 'draft', draft } : problem(flaw);
}

const rejected = (reason: string): Drafted => ({ kind: 'rejected', reason });

/** The property that says when. Of a start that was refused, systemd keeps no time but that of the run before. */
function timeOf(state: State, properties: Properties): string | null {
  if (state.kind === 'started') return properties.InactiveExitTimestamp ?? null;
  if (state.kind === 'failed' && state.result === 'start-limit-hit') return null;
  return [properties.ExecMainExitTimestamp, properties.InactiveEnterTimestamp].find((text) => text !== undefined && text !== '') ?? null;
}

/**
 * `--timestamp=utc` or `unix`; null for any other, as abbreviations of zones are ambiguous (CST is six hours behind UTC, or eight
 * ahead), so that the time of recording has to do.
 */
export function readTimestamp(text: string): number | null {
  const [, day, time, fraction = ''] = /^[A-Z][a-z]{2} (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d{1,6})? UTC$/.exec(text) ?? [];
  if (day !== undefined) return parseTime(`${day}T${time}${fraction}Z`);
  const [, seconds] = /^@(\d{1,11}(?:\.\d{1,6})?)$/.exec(text) ?? [];
  const ms = seconds === undefined ? Number.NaN : Math.floor(Number(seconds) * 1000);
  return ms > 0 ? parseTime(new Date(ms).toISOString()) : null;
}
