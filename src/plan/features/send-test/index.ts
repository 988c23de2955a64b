import type { Event, Notice, RuleVerdict } from '../../../model/artifacts.ts';
import type { Catalog } from '../../../model/catalog.ts';
import { EVIDENCE_LADDER, type EvidenceLevel } from '../../../model/evidence.ts';
import { noticeName } from '../../../model/names.ts';
import type { UndecidedEvent } from '../../../model/snapshot.ts';
import { SEND_TEST_SOURCE } from '../../../model/words.ts';
import type { RequiredNotice } from '../../enqueue.ts';

const TEST_TYPE = 'notice.test';
/** The rule that no policy pack holds: whoever asks for a test gets one. */
const TEST_RULE = { pack: 'rgov', rule: 'send-test' } as const;
/** As in `schemas/common.schema.json`: decisions and notices hold no other names. */
const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** What an event of `rgov send-test` asks for; `requires` is null where the profile's own counts. */
interface RequestedTest {
  target: string;
  requires: EvidenceLevel | null;
}

/** Exactly one notice to the target that is tested, whatever the rules in force say; null for every other event. */
export function judgeTest(event: UndecidedEvent, catalog: Catalog): { verdict: RuleVerdict; required: RequiredNotice | null } | null {
  const test = requestedTest(event.document);
  if (test === null) return null;
  const withheld = (reason: RuleVerdict['reason'], parts: { detail?: string }) => ({
    verdict: { ...TEST_RULE, outcome: 'withheld' as const, reason, ...parts },
    required: null,
  });
  if (event.duplicateOf !== null) return withheld('duplicate_event', { detail: event.duplicateOf });
  if (catalog.posture === 'observe') return withheld('posture_observe', {});
  const { target, requires } = test;
  const id = noticeName({ time: event.document.time, event: event.name, ...TEST_RULE, target });
  return {
    verdict: { ...TEST_RULE, outcome: 'notify', reason: 'requested', notice: id },
    required: { id, ...TEST_RULE, target, requires: requires ?? catalog.requires, deadline: null },
  };
}

/** Whether a notice is nothing but a test: nobody is told of it once more when it does not arrive. */
export function isTest({ rule, eventType }: Pick<Notice, 'rule' | 'eventType'>): boolean {
  return rule.pack === TEST_RULE.pack && rule.id === TEST_RULE.rule && eventType === TEST_TYPE;
}

function requestedTest({ source, type, data = {} }: Event): RequestedTest | null {
  if (source !== SEND_TEST_SOURCE || type !== TEST_TYPE) return null;
  const { target, requires } = data;
  if (typeof target !== 'string' || !NAME.test(target)) return null;
  return { target, requires: EVIDENCE_LADDER.find((level): level is EvidenceLevel => level !== 'none' && level === requires) ?? null };
}
