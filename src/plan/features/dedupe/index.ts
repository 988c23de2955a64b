import type { NotifyRule } from '../../../model/catalog.ts';
import type { RaisedNotice } from '../../../model/snapshot.ts';

/** Notices raised before, ready to be asked. The window slides: it is laid around each event, not cut into fixed spans. */
export interface History {
  find(rule: NotifyRule, key: string, time_ms: number): RaisedNotice | null;
  add(notice: RaisedNotice): void;
}

const historyKey = (pack: string, rule: string, key: string): string => JSON.stringify([pack, rule, key]);

/**
 * Only a notice that was raised opens a window; an event that was withheld does not stretch it. Else a job that fails
 * every hour would be announced once and then never again. Events that arrive late count by their own time.
 */
export function createHistory(raised: readonly RaisedNotice[]): History {
  const byKey = new Map<string, RaisedNotice[]>();
  const add = (notice: RaisedNotice): void => {
    const key = historyKey(notice.pack, notice.rule, notice.key);
    const same = byKey.get(key);
    if (same) same.push(notice);
    else byKey.set(key, [notice]);
  };
  for (const notice of raised) add(notice);
  return {
    add,
    find(rule, key, time_ms) {
      if (!rule.dedupe) return null;
      const { window_ms } = rule.dedupe;
      const candidates = (byKey.get(historyKey(rule.pack, rule.id, key)) ?? []).filter((notice) => Math.abs(time_ms - notice.time_ms) < window_ms);
      // The smallest name, so that the answer does not depend on the order in which files were listed.
      return candidates.reduce<RaisedNotice | null>((first, notice) => (first === null || notice.name < first.name ? notice : first), null);
    },
  };
}

/** Which earlier notices deciding these events can ask for; null if no rule deduplicates. */
export function historyNeeded(
  rules: readonly NotifyRule[],
  eventTimes_ms: readonly number[],
): { from_ms: number; to_ms: number; rules: Set<string> } | null {
  const deduplicating = rules.filter((rule) => rule.dedupe !== null);
  if (deduplicating.length === 0 || eventTimes_ms.length === 0) return null;
  const window_ms = Math.max(...deduplicating.map((rule) => rule.dedupe?.window_ms ?? 0));
  let from_ms = Infinity;
  let to_ms = -Infinity;
  for (const time_ms of eventTimes_ms) {
    from_ms = Math.min(from_ms, time_ms);
    to_ms = Math.max(to_ms, time_ms);
  }
  return { from_ms: from_ms - window_ms, to_ms: to_ms + window_ms, rules: new Set(deduplicating.map((rule) => rule.id)) };
}
