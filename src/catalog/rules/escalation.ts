import { formatDuration, parseDurationMs } from '../../model/time.ts';
import type { Declarations } from '../declarations.ts';
import type { Declared } from '../document.ts';
import { type RuleSpec, rulesIn } from '../pack-rules.ts';
import type { Problem } from '../problem.ts';

/** Steps of an escalation that do not come later than the one before. */
export function checkEscalation(declarations: Declarations): Problem[] {
  return declarations.all('PolicyPack').flatMap((pack) => rulesIn(pack).flatMap((rule, index) => checkOrder(pack, rule, index)));
}

function checkOrder(pack: Declared<'PolicyPack'>, { escalate = [] }: RuleSpec, rule: number): Problem[] {
  return escalate.flatMap(({ after }, step) => {
    const before = escalate[step - 1];
    const before_ms = before === undefined ? null : parseDurationMs(before.after);
    const after_ms = parseDurationMs(after);
    if (before_ms === null || after_ms === null || after_ms > before_ms) return [];
    return [
      pack.at(['spec', 'notify', rule, 'escalate', step, 'after'], {
        code: 'escalation_order',
        message: `the step before comes after ${formatDuration(before_ms)}, and this one after ${formatDuration(after_ms)}`,
        expected: `more than ${formatDuration(before_ms)}; both are counted from the event`,
      }),
    ];
  });
}
