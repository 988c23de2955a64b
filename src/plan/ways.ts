import type { Notice, Reopening, Stored } from '../model/artifacts.ts';
import type { Catalog, ResolvedSender, TargetBinding } from '../model/catalog.ts';
import type { LastAttempt, OpenNotice } from '../model/snapshot.ts';

/** How a notice is on its way: through whose sender, for which time, and who is left when this way is given up. */
export interface Way {
  /** The notice's own target, or one of its fallbacks. */
  target: string;
  /** Number of the next attempt on this way. */
  tries: number;
  fallbacks: readonly string[];
}

/** A way that a sender is bound to. */
export interface BoundWay extends Way {
  sender: ResolvedSender;
  address: string | undefined;
}

/** The last attempt, unless it came to its end before a human opened the notice again. */
export function currentAttempt({ last, reopened }: Pick<OpenNotice, 'last' | 'reopened'>): LastAttempt | null {
  return last !== null && reopened !== null && isOver(last, reopened) ? null : last;
}

const isOver = ({ number }: LastAttempt, { document }: Stored<Reopening>): boolean => number <= document.afterAttempt;

/** The way of an attempt that was made. */
export function wayOf(notice: Stored<Notice>, last: LastAttempt, catalog: Catalog): Way {
  const own = notice.document.target;
  const { target, attempt } = last.handoff?.document.via ?? { target: own, attempt: last.number };
  return { target, tries: attempt, fallbacks: fallbacksAfter(target, own, catalog) };
}

/** The way that the next attempt takes: on with the same one, or with the fallback that the deferral names. */
export function nextWay(notice: Stored<Notice>, last: LastAttempt | null, catalog: Catalog): Way {
  const own = notice.document.target;
  if (last === null) return { target: own, tries: 1, fallbacks: fallbacksAfter(own, own, catalog) };
  const fallback = last.deferral?.document.fallback;
  if (fallback !== undefined) return { target: fallback, tries: 1, fallbacks: fallbacksAfter(fallback, own, catalog) };
  const way = wayOf(notice, last, catalog);
  return last.deferral?.document.reason === 'not_begun' ? way : { ...way, tries: way.tries + 1 };
}

/** The first way from here on that a sender is bound to and that has attempts left; otherwise why there is none. */
export function firstOpenWay(way: Way, catalog: Catalog): BoundWay | { none: 'target_unbound' | 'attempts_exhausted'; target: string } {
  const bound = bind(way.target, catalog);
  if (bound && way.tries <= bound.sender.retry.attempts) return { ...way, sender: bound.sender, address: bound.target.address };
  const [next, ...rest] = way.fallbacks;
  if (next === undefined) return { none: bound ? 'attempts_exhausted' : 'target_unbound', target: way.target };
  return firstOpenWay({ target: next, tries: 1, fallbacks: rest }, catalog);
}

function bind(name: string, { targets, senders }: Catalog): { target: TargetBinding; sender: ResolvedSender } | null {
  const target = Object.hasOwn(targets, name) ? targets[name] : undefined;
  const sender = target && Object.hasOwn(senders, target.sender) ? senders[target.sender] : undefined;
  return target && sender ? { target, sender } : null;
}

function fallbacksAfter(target: string, own: string, { targets }: Catalog): readonly string[] {
  const all = (Object.hasOwn(targets, own) ? targets[own]?.fallback : undefined) ?? [];
  if (target === own) return all;
  // One that is not among them any more: whichever are now may still be reached.
  return all.slice(all.indexOf(target) + 1);
}
