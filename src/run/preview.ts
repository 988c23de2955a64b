import { isClaiming } from '../model/claims.ts';
import type { RaisedNotice, Snapshot } from '../model/snapshot.ts';
import type { Plan, Waiting } from '../model/steps.ts';
import { createHistory, historyNeeded } from '../plan/features/dedupe/index.ts';
import { plan } from '../plan/index.ts';
import { promisesOf } from '../plan/promises/index.ts';
import { emptyIndex, readDayIndex } from '../store/day-index.ts';
import { EventIndex } from '../store/event-index.ts';
import { Loader, loadRaised } from '../store/load.ts';
import { survey } from '../store/survey.ts';
import { Admission } from './admission.ts';
import { loadConditions } from './conditions.ts';
import { type Forecast, forecast } from './forecast.ts';
import { thisOwner } from './host.ts';
import { Observer } from './liveness.ts';
import type { WorkspaceOptions } from './locate.ts';
import { lookForOutputs } from './outputs.ts';
import { freshDrafts } from './raise.ts';
import { withWhatWasSaid } from './unproved.ts';
import { Watchdog } from './watchdog.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

export interface PreviewOptions extends WorkspaceOptions {
  /** Judge as of this moment instead of now; what was written down after it does not count for who is silent. */
  at_ms?: number | undefined;
  /** How far to look ahead from there. */
  ahead_ms?: number | undefined;
}

export interface Preview {
  now_ms: number;
  plan: Plan;
  /** What the watchdog would find now; each would be written down as an event, and decided. */
  due: Forecast[];
  /** What will become due until then, if nothing more is heard; empty without `ahead_ms`. */
  ahead: Forecast[];
  workspace: Workspace;
}

/** What a pass would do now, and why; and what later passes will. Writes nothing. */
export async function preview(options: PreviewOptions, clock: () => number = Date.now): Promise<Preview> {
  const workspace = await openWorkspace(options);
  const { layout, catalog } = workspace;
  const now_ms = options.at_ms ?? clock();
  const until_ms = now_ms + (options.ahead_ms ?? 0);
  // Looking ahead takes in days on which nothing is due yet.
  const known =
    options.at_ms === undefined && options.ahead_ms === undefined ? readDayIndex(layout.cache, catalog.digest) : emptyIndex(catalog.digest);
  const found = survey(layout, { ...known, days: settledOnly(known.days) }, catalog.digest, now_ms);
  const observer = new Observer(layout);
  const loaded = new Loader(layout, found, (owner, lease_ms) => observer.livenessOf(owner, lease_ms)).load(found, []);
  const drafts = await findingsUntil(workspace, options.at_ms, now_ms, until_ms);
  const snapshot: Snapshot = {
    ...loaded,
    unproved: loaded.unproved.map((item) => withWhatWasSaid(layout, item, until_ms)),
    bad: [...loaded.bad, ...found.bad],
  };
  const promised = snapshot.unproved.flatMap((unproved) =>
    promisesOf(unproved).filter(({ at_ms, name }) => at_ms <= until_ms && !unproved.said.has(name)),
  );
  snapshot.raised.push(...historyOf(workspace, snapshot, [...drafts, ...promised.map(({ draft }) => draft)]));
  const needsConditions = found.undecided.length + drafts.length + promised.length > 0;
  const conditions = await loadConditions(needsConditions);
  const admission = new Admission(layout, () => now_ms);
  admission.look(found);
  const next = admitted(plan(snapshot, catalog, conditions, { now_ms, owner: thisOwner() }), admission);
  const later = promised.filter(({ at_ms }) => at_ms > now_ms).map(({ draft }) => draft);
  const all = forecast([...drafts, ...later], next.waiting, until_ms, workspace, conditions, createHistory(snapshot.raised));
  const nextDue_ms = [found.nextDue_ms, next.nextDue_ms].reduce((a, b) => (a === null ? b : b === null ? a : Math.min(a, b)), null);
  return {
    now_ms,
    plan: { ...next, nextDue_ms },
    due: all.filter(({ at_ms }) => at_ms <= now_ms),
    ahead: all.filter(({ at_ms }) => at_ms > now_ms),
    workspace,
  };
}

/** The plan without the attempts that their senders' rates, breakers and receivers hold back. */
function admitted(whole: Plan, admission: Admission): Plan {
  const waiting: Waiting[] = [...whole.waiting];
  const before = new Map<string, number>();
  const steps = whole.steps.filter((step) => {
    if (!isClaiming(step)) return true;
    const { sender, notice } = step.attempt;
    const ahead = before.get(sender.name) ?? 0;
    const refusal = admission.peek(sender, ahead);
    if (refusal === null) before.set(sender.name, ahead + 1);
    else waiting.push({ notice: notice.name, ...refusal });
    return refusal === null;
  });
  const times = waiting.flatMap(({ until_ms }) => (until_ms === null ? [] : [until_ms]));
  return { steps, waiting, nextDue_ms: times.length === 0 ? null : Math.min(...times) };
}

async function findingsUntil({ root, layout, catalog }: Workspace, asOf_ms: number | undefined, now_ms: number, until_ms: number) {
  const watchdog = new Watchdog(layout, catalog, (pattern) => lookForOutputs(root, pattern), asOf_ms);
  return freshDrafts(await watchdog.look(now_ms, until_ms), { layout, events: new EventIndex(layout) });
}

function historyOf({ layout, catalog }: Workspace, { undecided, bad }: Snapshot, drafts: readonly { time?: string }[]): RaisedNotice[] {
  const times = [...undecided.map(({ document }) => document.time), ...drafts.flatMap(({ time }) => time ?? [])];
  const range = historyNeeded(
    catalog.rules,
    times.map((time) => Date.parse(time)),
  );
  return range ? loadRaised(layout, range, bad) : [];
}

const settledOnly = <T extends { settled: boolean }>(days: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(days).filter(([, { settled }]) => settled));
