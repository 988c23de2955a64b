import { ATTEMPT_RULES } from './attempt-rules.ts';
import { DECISION_RULES, type DecisionRule, type NoticeRule } from './decision-rules.ts';
import type { DayFacts } from './facts.ts';
import type { Finding } from './finding.ts';
import { RECEIPT_RULES } from './receipt-rules.ts';

const RULES_OF_A_DAY: readonly DecisionRule[] = DECISION_RULES;
const RULES_OF_A_NOTICE: readonly NoticeRule[] = [...ATTEMPT_RULES, ...RECEIPT_RULES];

/**
 * What can never come about between the artifacts of one day, each of which is believable by itself. Pure. When something happened
 * is no matter here: clocks jump.
 */
export function impossible(day: DayFacts): Finding[] {
  return [
    ...RULES_OF_A_DAY.flatMap((rule) => [...rule(day)]),
    ...[...day.notices.values()].flatMap((parts) => RULES_OF_A_NOTICE.flatMap((rule) => [...rule(parts, day)])),
  ];
}
