import type { Decision } from '../model/artifacts.ts';
import { canonicalEvent, type EventDraft } from '../model/event.ts';
import { eventName, fileName } from '../model/names.ts';
import { asStored, publication } from '../model/publication.ts';
import type { Plan } from '../model/steps.ts';
import type { Conditions } from '../plan/conditions.ts';
import { decide } from '../plan/decide.ts';
import type { History } from '../plan/features/dedupe/index.ts';
import type { Workspace } from './workspace.ts';

/** Something that will happen at its time if nothing more is heard. */
export interface Forecast {
  at_ms: number;
  /** `event`: the watchdog will say so. `attempt`: a notice is tried again. */
  kind: 'event' | 'attempt';
  /** Event type, or the reason for waiting. */
  what: string;
  /** Subject of the event, or name of the notice. */
  whom: string;
  why: string;
  /** Who will be told by which rule. */
  notices: { rule: string; target: string; requires: Decision['notices'][number]['requires'] }[];
  /** Rules that are true of it and tell nobody all the same. */
  withheld: { rule: string; reason: string }[];
}

/** What drafts of the watchdog and waiting notices will come to, in order of time. */
export function forecast(
  drafts: readonly EventDraft[],
  waiting: Plan['waiting'],
  until_ms: number,
  { catalog }: Pick<Workspace, 'catalog'>,
  conditions: Conditions,
  history: History,
): Forecast[] {
  const events = [...drafts]
    .sort((a, b) => timeOf(a) - timeOf(b) || (a.id < b.id ? -1 : 1))
    .map((draft): Forecast => {
      const at_ms = timeOf(draft);
      const event = canonicalEvent(draft, at_ms);
      const name = eventName(event);
      const stored = asStored(name, publication('event', 'events', name, fileName.event(name), event));
      const { notices, rules } = decide({ ...stored, duplicateOf: null }, catalog, conditions, history).document;
      return {
        at_ms,
        kind: 'event',
        what: draft.type,
        whom: draft.subject,
        why: String(draft.data?.['summary'] ?? ''),
        notices: notices.map(({ rule, target, requires }) => ({ rule, target, requires })),
        withheld: rules.flatMap(({ rule, outcome, reason }) => (outcome === 'withheld' ? [{ rule, reason }] : [])),
      };
    });
  const attempts = waiting.flatMap(({ notice, because, until_ms: at_ms }): Forecast[] =>
    because === 'retry_later' && at_ms !== null && at_ms <= until_ms
      ? [{ at_ms, kind: 'attempt', what: because, whom: notice, why: 'the last attempt came back', notices: [], withheld: [] }]
      : [],
  );
  return [...events, ...attempts].sort((a, b) => a.at_ms - b.at_ms);
}

const timeOf = ({ time }: EventDraft): number => Date.parse(time ?? '');
