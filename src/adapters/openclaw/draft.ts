import type { EventDraft } from '../../model/event.ts';
import { oneLine, printable, truncate } from '../../model/text.ts';
import { formatTime } from '../../model/time.ts';
import { PASS_JOB_PREFIX } from '../../model/words.ts';
import { fingerprint, flawOf, isAttributeText, isObject, type JsonObject, quoted } from '../foreign.ts';
import { type Classified, classify } from './classify.ts';
import { subjectOf } from './subject.ts';

const TEXT_MAX = 4000;
const TASK_ID_MAX = 200;
const RUN_ID_MAX = 512;
const END_OF_YEAR_9999_MS = 253_402_300_799_999;

export type Drafted = { kind: 'draft'; draft: EventDraft } | { kind: 'rejected'; reason: string };

const rejected = (reason: string): Drafted => ({ kind: 'rejected', reason });

/**
 * One task as its events: what its ledger says, and, while the runtime does not answer, that what it still calls running or queued is lost. The same
 * state of the same task always yields the same drafts, however often it is polled.
 */
export function draftsOf(task: unknown, runtimeIsDown: boolean): Drafted[] {
  if (!isObject(task)) return [rejected(`expected a task, found ${quoted(task)}`)];
  const taskId = task['taskId'];
  if (typeof taskId !== 'string' || taskId === '' || taskId.length > TASK_ID_MAX || !isAttributeText(taskId)) {
    return [rejected(`taskId must be text of 1 to ${TASK_ID_MAX} characters without controls, found ${quoted(taskId)}`)];
  }
  const state = classify(task);
  if (state.kind === 'unreadable') return [rejected(`task ${quoted(taskId)}: ${state.reason}`)];
  const isLive = state.type === null || state.type === 'run.started';
  // A pass that hears of itself would write two events each time, for ever. That it failed is worth knowing, and so it is told.
  if (isOwnPass(task) && (isLive || state.type === 'run.succeeded')) return [];
  const drafts = state.type === null ? [] : [observed(task, taskId, state, state.type)];
  return isLive && runtimeIsDown ? [...drafts, lost(task, taskId, state)] : drafts;
}

function observed(task: JsonObject, taskId: string, state: Classified, type: string): Drafted {
  const time = timeOf(task, type);
  if (!time.ok) return rejected(`task ${quoted(taskId)}: ${time.reason}`);
  return sound(taskId, {
    ...whoOf(task, taskId),
    id: `${taskId}:${state.status}:${state.completionStatus ?? '-'}`,
    type,
    time: formatTime(time.ms),
    provenance: 'observed',
    data: factsOf(task, taskId, state),
  });
}

/**
 * Concluded, not heard: once for each state of a task, and without a time of its own, so that the time of recording counts. What the ledger says
 * later (it failed after all, it succeeded after all) is another fact under another id.
 */
function lost(task: JsonObject, taskId: string, state: Classified): Drafted {
  const summary = `OpenClaw does not answer, and calls this ${state.status}: nothing is at work on it`;
  return sound(taskId, {
    ...whoOf(task, taskId),
    id: `${taskId}:${state.status}:${state.completionStatus ?? '-'}:runtime-down`,
    type: 'run.lost',
    provenance: 'derived',
    data: { ...factsOf(task, taskId, { ...state, type: 'run.started' }), summary },
  });
}

function whoOf(task: JsonObject, taskId: string): Pick<EventDraft, 'source' | 'subject' | 'runid'> {
  const runid = runIdOf(task);
  return { source: 'openclaw/tasks', subject: subjectOf(task, taskId), ...(runid === null ? {} : { runid }) };
}

function sound(taskId: string, draft: EventDraft): Drafted {
  const flaw = flawOf(draft);
  return flaw === null ? { kind: 'draft', draft } : rejected(`task ${quoted(taskId)}: ${flaw}`);
}

const isOwnPass = ({ runtime, label }: JsonObject): boolean => runtime === 'cron' && typeof label === 'string' && label.startsWith(PASS_JOB_PREFIX);

/** When it ended, or for a run that has only started, when it started. The command line says `lastEventAt`, the gateway `updatedAt`. */
function timeOf(task: JsonObject, type: string): { ok: true; ms: number } | { ok: false; reason: string } {
  const fields = type === 'run.started' ? ['startedAt', 'createdAt'] : ['endedAt', 'lastEventAt', 'updatedAt', 'startedAt', 'createdAt'];
  const field = fields.find((name) => task[name] !== undefined && task[name] !== null);
  if (field === undefined) return { ok: false, reason: `has none of the times ${fields.join(', ')}` };
  const ms = task[field];
  if (typeof ms !== 'number' || !(ms > 0 && ms <= END_OF_YEAR_9999_MS)) {
    return { ok: false, reason: `${field} must be milliseconds since 1970 and before the year 10000, found ${quoted(ms)}` };
  }
  return { ok: true, ms };
}

function runIdOf(task: JsonObject): string | null {
  const runId = task['runId'];
  if (typeof runId !== 'string' || runId === '') return null;
  if (runId.length <= RUN_ID_MAX && isAttributeText(runId)) return runId;
  return `${truncate(oneLine(runId), RUN_ID_MAX - 20)}~${fingerprint(runId)}`;
}

/**
 * What a reader wants to know and what does not change between two polls of the same state: no progress, no moving times.
 * Session keys, owner keys and the path of the job store are private to the runtime and stay out.
 */
function factsOf(task: JsonObject, taskId: string, state: Classified): Record<string, unknown> {
  const detail = isObject(task['detail']) ? task['detail'] : {};
  const started = state.type === 'run.started';
  const error = text(task['error']) ?? text(detail['error']);
  const terminalSummary = text(task['terminalSummary']) ?? text(detail['summary']);
  const deliveryStatus = text(detail['deliveryStatus']) ?? text(task['deliveryStatus']);
  const deliveryError = text(detail['deliveryError']);
  const undelivered = deliveryError ?? `the work is done, its announcement is not proved to have arrived (${deliveryStatus ?? 'no status'})`;
  const first = state.type === 'report.undelivered' ? undelivered : state.type === 'run.succeeded' ? terminalSummary : (error ?? terminalSummary);
  const duration_ms = detail['durationMs'];
  const facts: Record<string, unknown> = {
    taskId,
    runtime: text(task['runtime']),
    label: lineOrNull(text(task['label']) ?? text(task['title'])),
    agentId: text(task['agentId']),
    status: state.status,
    completionStatus: state.completionStatus,
    classifiedBy: state.classifiedBy,
    ...(started ? {} : { summary: lineOrNull(first), error, terminalSummary, deliveryStatus, deliveryError }),
    durationMs: !started && typeof duration_ms === 'number' && duration_ms >= 0 ? duration_ms : null,
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null));
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? truncate(printable(value), TEXT_MAX) : null;
}

function lineOrNull(value: string | null): string | null {
  return value === null ? null : oneLine(value);
}
