import type { Event, RuleVerdict } from '../../../model/artifacts.ts';
import type { NotifyRule } from '../../../model/catalog.ts';
import { WATCHDOG_SOURCE } from '../../../model/words.ts';

/** Notices about notices about notices: beyond this, whoever is told cannot be told of not being told. */
const MAX_DEPTH = 3;

/** Why an event of the watchdog asks for no notice although a rule is true of it; null if nothing speaks against it. */
export function withheldBecause({ source, data = {} }: Event): { reason: RuleVerdict['reason']; detail: string } | null {
  if (source !== WATCHDOG_SOURCE) return null;
  const { superseded, depth } = data;
  if (superseded === true) return { reason: 'superseded', detail: 'there was more to say of this silence when it was found' };
  if (typeof depth === 'number' && depth > MAX_DEPTH)
    return { reason: 'depth_limit', detail: `${depth} notices deep; at most ${MAX_DEPTH} are raised` };
  return null;
}

/** Who is told next because nobody was proved to have got a notice of this rule; null if the event is about nothing like that. */
export function escalationTarget({ source, type, data = {} }: Event, rule: Pick<NotifyRule, 'pack' | 'id'>): string | null {
  if (source !== WATCHDOG_SOURCE || type !== 'notice.escalated') return null;
  const of = data['rule'] as { pack?: unknown; id?: unknown } | undefined;
  const to = data['escalation'] as { target?: unknown } | undefined;
  return of?.pack === rule.pack && of.id === rule.id && typeof to?.target === 'string' ? to.target : null;
}
