import type { EventDraft } from '../../model/event.ts';
import { flawOf, isObject, type JsonObject, lineOf, quoted, withoutNulls } from '../foreign.ts';
import { subjectOf } from '../subject-parts.ts';
import { nameOf, numberOf, type Read, timeOf, unreadable } from '../values.ts';
import { type FoundRun, hintFor, type Spelling } from './runs.ts';
import { type State, stateOf } from './states.ts';
import { whoseIs } from './whose.ts';

/** Names of events that start workflows: words with underscores. */
const TRIGGER = /^[a-z][a-z_]{0,50}$/;
const BRANCH_MAX = 300;
const SUMMARY_MAX = 400;
const DAY_MS = 86_400_000;
/** A run is cancelled after 35 days, waiting and approvals included (docs.github.com, "Actions limits"); a day more for clocks. */
const LONGEST_MS = 36 * DAY_MS;

/** One run as one event; null where it says nothing. */
export function draftOf({ object: run, spelling }: FoundRun): Read<EventDraft | null> {
  if (!isObject(run)) return unreadable(`expected a run, found ${quoted(run)}`);
  const id = numberOf(run[spelling.id], spelling.id);
  if (!id.ok) return id;
  const read = draftOfRun(run, spelling, id.value);
  return read.ok ? read : unreadable(`run ${id.value}: ${read.reason}`);
}

function draftOfRun(run: JsonObject, spelling: Spelling, id: number): Read<EventDraft | null> {
  const missing = missingIn(run, spelling);
  if (missing !== null) return unreadable(`${missing} is missing${hintFor(spelling)}`);
  const state = stateOf(run[spelling.status], run[spelling.conclusion]);
  if (!state.ok || state.value === null) return state as Read<null>;
  const attempt = numberOf(run[spelling.attempt], spelling.attempt);
  if (!attempt.ok) return attempt;
  const whose = whoseIs(run, spelling, id, attempt.value);
  if (!whose.ok) return whose;
  const trigger = run[spelling.event];
  if (typeof trigger !== 'string' || !TRIGGER.test(trigger))
    return unreadable(`${spelling.event} must be a word such as schedule, found ${quoted(trigger)}`);
  const branch = branchOf(run, spelling);
  if (!branch.ok) return branch;
  const time = happened(run, spelling, state.value);
  if (!time.ok) return time;
  const { names, workflow, url } = whose.value;
  const number = numberOf(run[spelling.number], spelling.number);
  const title = `${workflow}${number.ok ? ` #${number.value}` : ''}${attempt.value > 1 ? `, attempt ${attempt.value},` : ''}`;
  const draft: EventDraft = {
    source: `${spelling.source}/${names[0]}`,
    id: `${id}/${attempt.value}:${run[spelling.status] === 'completed' ? run[spelling.conclusion] : run[spelling.status]}`,
    type: state.value.type,
    subject: subjectOf('ci', [...names, trigger, ...(branch.value === null ? [] : [branch.value])]),
    time: time.value,
    ...(state.value.severity === undefined ? {} : { severity: state.value.severity }),
    provenance: 'observed',
    runid: `${id}/attempts/${attempt.value}`,
    data: withoutNulls({
      summary: lineOf(`${title} ${state.value.words}`, SUMMARY_MAX),
      workflow: lineOf(workflow, SUMMARY_MAX),
      number: number.ok ? number.value : null,
      attempt: attempt.value,
      trigger,
      branch: lineOf(branch.value, BRANCH_MAX),
      conclusion: run[spelling.status] === 'completed' ? run[spelling.conclusion] : null,
      url: `${url}/attempts/${attempt.value}`,
    }),
  };
  const flaw = flawOf(draft);
  return flaw === null ? { ok: true, value: draft } : unreadable(flaw);
}

/** A field that is not even there. Without it `gh` was asked for too little, and the run would say something else the next time. */
function missingIn(run: JsonObject, spelling: Spelling): string | null {
  return Object.entries(spelling).find(([what, field]) => what !== 'source' && !(field in run))?.[1] ?? null;
}

/** Null where a run belongs to no branch: the API says null then, `gh` an empty text. */
function branchOf(run: JsonObject, spelling: Spelling): Read<string | null> {
  const branch = run[spelling.branch];
  return branch === null || branch === '' ? { ok: true, value: null } : nameOf(branch, BRANCH_MAX, spelling.branch);
}

/**
 * When this attempt started, or for one that is over, when GitHub last touched it, never before it started. No field says when a run
 * ended, and `gh` itself counts by this one. It moves when something is noted about an old run, sometimes months later; what lies
 * further apart than a run can last is therefore no end.
 */
function happened(run: JsonObject, spelling: Spelling, { type }: State): Read<string> {
  const start = timeOf(run[spelling.startedAt], spelling.startedAt);
  if (!start.ok || type === 'run.started') return start;
  const end = timeOf(run[spelling.updatedAt], spelling.updatedAt);
  if (!end.ok) return end;
  if (Date.parse(end.value) - Date.parse(start.value) > LONGEST_MS) {
    return unreadable(
      `it was touched again on ${end.value}, later than a run that started on ${start.value} can have ended; ask for newer runs only`,
    );
  }
  return end.value < start.value ? start : end;
}
