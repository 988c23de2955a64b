import type { Catalog } from '../model/catalog.ts';
import type { EventDraft } from '../model/event.ts';
import { sha256 } from '../model/hash.ts';
import { eventHash } from '../model/names.ts';
import { formatDuration, formatTime } from '../model/time.ts';
import { WATCHDOG_SOURCE } from '../model/words.ts';
import { EventIndex } from '../store/event-index.ts';
import type { Publisher } from '../store/publish.ts';
import { isGap, type PassRecord, readLastPass } from './last-pass.ts';
import { publish, type Raised } from './raise.ts';
import type { Workspace } from './workspace.ts';

/** Says so, where it is so. */
export async function raiseGap({ layout, catalog }: Workspace, publisher: Publisher, now_ms: number): Promise<Raised> {
  const raised: Raised = { created: [], refused: [] };
  const lastPass = catalog.gapAfter_ms === null ? null : readLastPass(layout);
  if (lastPass === null || !isGap(catalog, lastPass, now_ms)) return raised;
  const draft = gapDraft(catalog, lastPass, now_ms);
  // Under another name, too: whoever came first may have sealed its day since, so that it would be filed under a later one.
  const isKnown = new EventIndex(layout).find(new Set([eventHash(draft.source, draft.id)])).size > 0;
  if (!isKnown) await publish([draft], { publisher, now_ms }, raised);
  return raised;
}

/** The watchdog's own absence: one event for each, whoever comes back first, because it follows from the last pass before it. */
function gapDraft({ binding, gapAfter_ms }: Pick<Catalog, 'binding' | 'gapAfter_ms'>, lastPass: PassRecord, now_ms: number): EventDraft {
  const from_ms = Date.parse(lastPass.finishedAt);
  return {
    source: WATCHDOG_SOURCE,
    id: `gap/${sha256(`${binding} ${lastPass.finishedAt}`).slice(0, 24)}`,
    type: 'watchdog.gap',
    subject: `watchdog/${binding}`,
    time: formatTime(from_ms + (gapAfter_ms ?? 0)),
    provenance: 'derived',
    data: {
      summary: `no pass came to its end for ${formatDuration(now_ms - from_ms)}, from ${lastPass.finishedAt} to ${formatTime(now_ms)}; what was heard on disk meanwhile counts`,
      from: lastPass.finishedAt,
      to: formatTime(now_ms),
    },
  };
}
