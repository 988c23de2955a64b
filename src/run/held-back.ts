import type { Refusal } from '../apply/supervisor.ts';
import { readDayIndex } from '../store/day-index.ts';
import { survey } from '../store/survey.ts';
import { Admission } from './admission.ts';
import type { Workspace } from './workspace.ts';

const WORDS: Partial<Record<Refusal['because'], string>> = {
  rate_limited: 'the rate of its sender is used up',
  circuit_open: 'the circuit breaker of its sender is open, because too many attempts failed in a row',
  receiver_asked: 'its receiver asked to be left alone',
};

/** Why attempts through a sender are held back now, in words; null where they are not. Looks, and changes nothing. */
export function holdsOf({ layout, catalog }: Workspace, now_ms: number): (sender: string) => string | null {
  let admission: Admission | undefined;
  return (name) => {
    const sender = Object.hasOwn(catalog.senders, name) ? catalog.senders[name] : undefined;
    if (!sender) return null;
    if (!admission) {
      admission = new Admission(layout, () => now_ms);
      admission.look(survey(layout, readDayIndex(layout.cache, catalog.digest), catalog.digest, now_ms));
    }
    const refusal = admission.peek(sender);
    if (refusal === null) return null;
    const until = refusal.until_ms === null ? '' : `: again at ${new Date(refusal.until_ms).toISOString()}`;
    return `${WORDS[refusal.because] ?? refusal.because}${until}`;
  };
}
