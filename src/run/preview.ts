import type { Plan } from '../model/steps.ts';
import { historyNeeded } from '../plan/features/dedupe/index.ts';
import { plan } from '../plan/index.ts';
import { readDayIndex } from '../store/day-index.ts';
import { Loader, loadRaised } from '../store/load.ts';
import { survey } from '../store/survey.ts';
import { loadConditions } from './conditions.ts';
import { livenessOf, thisOwner } from './host.ts';
import type { WorkspaceOptions } from './locate.ts';
import { withWhatWasSaid } from './unproved.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

/** What a pass would do now, and why. Writes nothing. */
export async function preview(options: WorkspaceOptions, clock: () => number = Date.now): Promise<{ plan: Plan; workspace: Workspace }> {
  const workspace = await openWorkspace(options);
  const { layout, catalog } = workspace;
  const now_ms = clock();
  const found = survey(layout, readDayIndex(layout.cache, catalog.digest), catalog.digest, now_ms);
  const loader = new Loader(layout, found, livenessOf);
  const snapshot = loader.load(found, []);
  const range = historyNeeded(
    catalog.rules,
    snapshot.undecided.map(({ document }) => Date.parse(document.time)),
  );
  if (range) snapshot.raised.push(...loadRaised(layout, range, new Set(), snapshot.bad));
  snapshot.bad.push(...found.bad);
  const conditions = await loadConditions(found.undecided.length > 0);
  const unproved = snapshot.unproved.map((item) => withWhatWasSaid(layout, item, now_ms));
  const next = plan({ ...snapshot, unproved }, catalog, conditions, { now_ms, owner: thisOwner() });
  const nextDue_ms = [found.nextDue_ms, next.nextDue_ms].reduce((a, b) => (a === null ? b : b === null ? a : Math.min(a, b)), null);
  return { plan: { ...next, nextDue_ms }, workspace };
}
