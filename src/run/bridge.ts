import { join } from 'node:path';
import { applySteps } from '../apply/index.ts';
import { RgovError } from '../model/errors.ts';
import { dayOf } from '../model/names.ts';
import type { Step } from '../model/steps.ts';
import { nextForBridge } from '../plan/dispatch.ts';
import { emptyIndex, readDayIndex, writeDayIndex } from '../store/day-index.ts';
import { Loader } from '../store/load.ts';
import { type OpenName, type Survey, survey } from '../store/survey.ts';
import { type LiveApplier, liveApplier, livenessWith } from './applier.ts';
import { BATCH } from './batches.ts';
import { thisOwner } from './host.ts';
import { Observer } from './liveness.ts';
import type { WorkspaceOptions } from './locate.ts';
import { countIn, emptyReport, type PassReport } from './pass-report.ts';
import { COARSE_CLOCK_MS } from './remember.ts';
import { requireSender } from './require-sender.ts';
import { PATIENCE_MS } from './round.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

const MAX_ROUNDS = 50;

export interface BridgeOptions extends WorkspaceOptions {
  /** Name of the sender in the runtime binding. */
  sender: string;
}

/** One pass of a bridge that is a process of its own: every attempt that was handed to it and is due. */
export async function bridgeOnce(options: BridgeOptions, clock: () => number = Date.now): Promise<PassReport> {
  const workspace = await openWorkspace(options);
  checkSender(workspace, options.sender);
  const live = liveApplier(workspace, clock);
  try {
    return await bridgePass(workspace, live, { sender: options.sender, clock });
  } finally {
    await live.close();
  }
}

/** Throws where there is no such sender, or where every pass sends through it anyway. */
export function checkSender({ catalog }: Workspace, sender: string): void {
  requireSender({ catalog }, sender, 'rgov bridge');
  if (catalog.senders[sender]?.bridge === 'process') return;
  throw new RgovError('usage', `the sender ${sender} needs no bridge: every pass sends through it`, {
    hint: `to give it one, write "bridge: process" below spec.senders.${sender} of the runtime binding`,
  });
}

/** Claims what waits for this sender's bridge, sends it, writes down what came of it; and judges what an earlier bridge left behind. */
export async function bridgePass(
  workspace: Workspace,
  live: LiveApplier,
  { sender, clock }: { sender: string; clock: () => number },
): Promise<PassReport> {
  const { layout, catalog } = workspace;
  const report = emptyReport(clock());
  const observer = new Observer(layout);
  // Its own memory: it runs as another user, and knows of nothing but handoffs.
  const cache = join(layout.cache, `bridge-${sender}`);
  const index = readDayIndex(cache, catalog.digest);
  let found: Survey;
  for (let n = 0; ; n++) {
    found = survey(layout, index, catalog.digest, clock());
    live.admission.look(found);
    report.waiting = [];
    report.failures = [];
    const { supervisor } = live.applier;
    const handed = found.open.filter(({ name, attempt, deferred }) => {
      const until_ms = supervisor.lookAgainAt(name);
      // Held is not claimed: where it is let go of in the meantime, nobody else says when to look again.
      if (until_ms !== null) report.waiting.push({ notice: name, because: 'sender_busy', until_ms });
      return attempt > 0 && !deferred && until_ms === null;
    });
    let changed = false;
    for (let i = 0; i < handed.length; i += BATCH) {
      changed = (await takeOver(handed.slice(i, i + BATCH), found, observer, { workspace, live, sender, clock, report })) || changed;
    }
    changed = (await outcomes(live, report)) || changed;
    if (!changed || n >= MAX_ROUNDS) break;
  }
  observer.remember();
  rememberDays(cache, index, found, report, catalog.digest);
  report.finished_ms = clock();
  return report;
}

interface Desk {
  workspace: Workspace;
  live: LiveApplier;
  sender: string;
  clock: () => number;
  report: PassReport;
}

async function takeOver(open: readonly OpenName[], found: Survey, observer: Observer, desk: Desk): Promise<boolean> {
  const { workspace, live, sender, clock, report } = desk;
  const loader = new Loader(workspace.layout, found, livenessWith(observer, workspace.layout));
  const loaded = loader.load({ open, undecided: [], unverified: [], unproved: [] }, []);
  report.failures.push(...loaded.unreadable.map(({ error }) => error.message));
  const actor = { now_ms: clock(), owner: thisOwner() };
  const steps: Step[] = [];
  for (const item of loaded.open) {
    const next = nextForBridge(item, sender, workspace.catalog, actor);
    if (next === null) continue;
    if ('step' in next) steps.push(next.step);
    else report.waiting.push(next.waiting);
  }
  const applied = await applySteps(steps, live.applier);
  report.waiting.push(...applied.waiting);
  report.failures.push(...applied.faulty.values());
  for (const item of applied.created) countIn(report, item);
  return applied.created.length > 0;
}

async function outcomes({ applier: { supervisor }, senses }: LiveApplier, report: PassReport): Promise<boolean> {
  if (senses.lasting) await supervisor.idleWithin(PATIENCE_MS);
  else await supervisor.idle();
  const { created, problems } = supervisor.news();
  for (const item of created) countIn(report, item);
  for (const problem of problems) {
    if (!(problem instanceof RgovError)) throw problem;
    report.failures.push(problem.message);
  }
  return created.length > 0;
}

/** A day without an open notice is not listed again until one of its folders changes. */
function rememberDays(cache: string, index: ReturnType<typeof readDayIndex>, found: Survey, report: PassReport, digest: string): void {
  const times = report.waiting.flatMap(({ until_ms }) => (until_ms === null ? [] : [until_ms]));
  report.nextDue_ms = times.length === 0 ? null : Math.min(...times);
  const unsettled = new Set(found.open.map(({ name }) => dayOf(name)));
  const next = index.catalog === digest ? index : emptyIndex(digest);
  for (const [day, { changeTimes }] of found.listed) {
    const isFresh = found.at_ms - Math.max(...changeTimes) < COARSE_CLOCK_MS;
    if (isFresh || unsettled.has(day)) delete next.days[day];
    else next.days[day] = { changeTimes, settled: true, nextDue_ms: null };
  }
  if (found.listed.size > 0) writeDayIndex(cache, next);
}
