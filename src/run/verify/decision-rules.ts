import { isDeepStrictEqual } from 'node:util';
import { filedTime, linkedName, noticeName } from '../../model/names.ts';
import type { DayFacts, NoticeFacts } from './facts.ts';
import type { Finding } from './finding.ts';

export type DecisionRule = (day: DayFacts) => Iterable<Finding>;
export type NoticeRule = (parts: NoticeFacts, day: DayFacts) => Iterable<Finding>;

export const DECISION_RULES: readonly DecisionRule[] = [filedUnderItsDay, decisionsAgree, noticesAreThere, noticesAreDecided];

/** A late word is filed under a later day than its own; any other reason to file it elsewhere does not exist. */
function* filedUnderItsDay({ events }: DayFacts): Generator<Finding> {
  for (const { path, document } of events.values()) {
    const { time, filedtime, recordedtime } = document;
    if (filedtime === undefined || filedtime.slice(0, 10) > time.slice(0, 10)) continue;
    yield {
      path,
      reason: 'filed_wrongly',
      detail: `its time ${time} lies on the day that it is filed under, ${filedtime}, or after it`,
      since: recordedtime,
    };
  }
}

/** Each verdict that asks for a notice has that notice in the list, and each notice of the list its verdict; its name follows from them. */
function* decisionsAgree({ events, decisions }: DayFacts): Generator<Finding> {
  for (const [name, { path, document }] of decisions) {
    const say = (detail: string): Finding => ({ path, reason: 'decision_contradicts', detail, since: null });
    const asked = document.rules.map(({ pack, rule, notice }) => `${pack} ${rule} ${notice}`).sort();
    const listed = document.notices.map(({ pack, rule, id }) => `${pack} ${rule} ${id}`).sort();
    if (!isDeepStrictEqual(asked, listed)) yield say('its rules do not ask for the very notices that it lists');
    const event = events.get(name)?.document;
    if (!event) continue;
    for (const { id, pack, rule, target } of document.notices) {
      const follows = noticeName({ time: filedTime(event), event: name, pack, rule, target });
      if (follows !== id) yield say(`the notice ${id} would have to be called ${follows}`);
    }
  }
}

function* noticesAreThere({ day, decisions, files }: DayFacts): Generator<Finding> {
  for (const { path, document } of decisions.values()) {
    for (const { id } of document.notices) {
      const notice = `queue/${day}/${id}.json`;
      if (!files.has(notice)) yield { path: notice, reason: 'notice_missing', detail: `${path} asks for it`, since: null };
    }
  }
}

/** A notice says of its policy what its decision says, and of what happened what its event says. */
function* noticesAreDecided({ events, decisions, notices }: DayFacts): Generator<Finding> {
  for (const { name, notice } of notices.values()) {
    if (!notice) continue;
    const { path, document } = notice;
    const cause = linkedName(document.event);
    const decision = decisions.get(cause);
    const required = decision?.document.notices.find(({ id }) => id === name);
    if (decision && !required) yield { path, reason: 'notice_not_decided', detail: `${decision.path} does not ask for it`, since: null };
    if (required) {
      const { id: _, pack, rule, ...policy } = required;
      const { target, requires, deadline, dedupe, escalate } = document;
      const said = { target, requires, deadline, ...(dedupe ? { dedupe } : {}), ...(escalate ? { escalate } : {}) };
      if (!isDeepStrictEqual({ pack, id: rule }, document.rule) || !isDeepStrictEqual(policy, said)) {
        yield { path, reason: 'notice_differs', detail: `${decision?.path} asks for ${JSON.stringify(policy)}`, since: null };
      }
    }
    const event = events.get(cause)?.document;
    if (!event) continue;
    const happened = [event.subject, event.type, event.severity, filedTime(event)];
    if (!isDeepStrictEqual(happened, [document.subject, document.eventType, document.severity, document.time])) {
      yield { path, reason: 'notice_differs', detail: `its event says ${happened.join(', ')}`, since: null };
    }
  }
}
