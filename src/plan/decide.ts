import { API_VERSION, type Decision, type Event, type RuleVerdict } from '../model/artifacts.ts';
import type { Catalog, NotifyRule } from '../model/catalog.ts';
import { filedTime, fileName, noticeName } from '../model/names.ts';
import { type Publication, publication } from '../model/publication.ts';
import type { UndecidedEvent } from '../model/snapshot.ts';
import { formatTime } from '../model/time.ts';
import { type Conditions, dedupeKey, holds } from './conditions.ts';
import type { RequiredNotice } from './enqueue.ts';
import type { History } from './features/dedupe/index.ts';
import { judgeTest } from './features/send-test/index.ts';
import { escalationTarget, withheldBecause } from './features/watchdog/index.ts';

/** The last moment that a time of four-digit years can say. */
const LAST_TIME_MS = Date.parse('9999-12-31T23:59:59.999Z');

interface Judgement {
  verdict: RuleVerdict;
  required: RequiredNotice | null;
}

/** One event against every rule in force; a test of a way out is asked of none. What comes out depends on nothing but the event, the catalog and earlier notices. */
export function decide(event: UndecidedEvent, catalog: Catalog, conditions: Conditions, history: History): Publication<'decision'> {
  const test = judgeTest(event, catalog);
  const judgements: readonly Judgement[] =
    test !== null
      ? [test]
      : catalog.rules.map((rule) =>
          event.duplicateOf === null ? judge(event, rule, catalog, conditions, history) : withheld(rule, 'duplicate_event', event.duplicateOf),
        );
  const document: Decision = {
    apiVersion: API_VERSION,
    kind: 'Decision',
    event: event.link,
    policy: { binding: catalog.binding, profile: catalog.profile, posture: catalog.posture, digest: catalog.digest },
    rules: judgements.map(({ verdict }) => verdict),
    notices: judgements.flatMap(({ required }) => (required ? [required] : [])),
  };
  return publication('decision', 'decisions', event.name, fileName.decision(event.name), document);
}

function judge(event: UndecidedEvent, rule: NotifyRule, catalog: Catalog, conditions: Conditions, history: History): Judgement {
  const next = escalationTarget(event.document, rule);
  const { value, error } = next === null ? holds(conditions, rule, event.document) : { value: true, error: null };
  if (!value) return { verdict: { pack: rule.pack, rule: rule.id, outcome: 'not_matched', reason: 'condition_false' }, required: null };
  if (catalog.posture === 'observe') return withheld(rule, 'posture_observe');
  const objection = withheldBecause(event.document);
  if (objection !== null) return withheld(rule, objection.reason, objection.detail);
  const target = next ?? rule.target;
  const id = noticeName({ time: filedTime(event.document), event: event.name, pack: rule.pack, rule: rule.id, target });
  const required: RequiredNotice = {
    id,
    pack: rule.pack,
    rule: rule.id,
    target,
    requires: rule.requires,
    deadline: rule.within_ms === null ? null : timeAfter(event.document, rule.within_ms),
  };
  if (next !== null) return { verdict: { pack: rule.pack, rule: rule.id, outcome: 'notify', reason: 'escalated', notice: id }, required };
  if (rule.escalate.length > 0) {
    required.escalate = rule.escalate.map((step) => ({ at: timeAfter(event.document, step.after_ms), target: step.target })) as NonNullable<
      RequiredNotice['escalate']
    >;
  }
  if (rule.dedupe) {
    const key = dedupeKey(conditions, rule.dedupe.key, event.document);
    const time_ms = Date.parse(filedTime(event.document));
    const earlier = history.find(rule, key, time_ms);
    // Its own notice may have outlived a lost decision.
    if (earlier && earlier.name !== id)
      return withheld(rule, 'deduplicated', `${earlier.name} was raised within ${rule.dedupe.window} for the key ${key}`, earlier.name);
    history.add({ name: id, pack: rule.pack, rule: rule.id, key, time_ms });
    required.dedupe = { key, window: rule.dedupe.window };
  }
  const because = error === null ? { reason: 'condition_true' as const } : { reason: 'condition_error' as const, detail: error };
  return { verdict: { pack: rule.pack, rule: rule.id, outcome: 'notify', ...because, notice: id }, required };
}

function withheld(rule: NotifyRule, reason: RuleVerdict['reason'], detail?: string, notice?: string): Judgement {
  const verdict: RuleVerdict = {
    pack: rule.pack,
    rule: rule.id,
    outcome: 'withheld',
    reason,
    ...(detail === undefined ? {} : { detail: detail.slice(0, 2000) }),
    ...(notice === undefined ? {} : { notice }),
  };
  return { verdict, required: null };
}

/** An event that comes in late still leaves the whole time to tell somebody. */
function timeAfter(event: Event, after_ms: number): string {
  return formatTime(Math.min(Math.max(Date.parse(event.time), Date.parse(event.recordedtime)) + after_ms, LAST_TIME_MS));
}
