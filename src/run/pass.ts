import { readDayIndex } from '../store/day-index.ts';
import { makeFolder, realFileSystem } from '../store/files.ts';
import { reopenUnsettled } from '../store/seal-day.ts';
import { lastWordsOfDamaged } from '../store/subject-sweep.ts';
import { type Survey, survey } from '../store/survey.ts';
import { raiseGap } from './gap.ts';
import { Inbox } from './inbox.ts';
import { recordPass } from './last-pass.ts';
import { sweepLeftovers } from './leftovers.ts';
import { emptyReport, type PassDeps, type PassReport } from './pass-report.ts';
import { raiseFindings } from './raise.ts';
import { remember } from './remember.ts';
import { Round } from './round.ts';
import { sealWhatIsOver } from './seal.ts';
import { sensesOf } from './senses.ts';
import { sizeThreadPool } from './thread-pool.ts';
import type { Workspace } from './workspace.ts';

/** More rounds than any chain has steps; a pass that needs more is going in circles. */
const MAX_ROUNDS = 50;

/** Observe, plan, apply; again until nothing is due and the watchdog finds nothing more. */
export async function runPass(deps: PassDeps): Promise<PassReport> {
  const { workspace, clock, applier } = deps;
  const { layout, catalog } = workspace;
  const report = emptyReport(clock());
  const senses = deps.senses ?? sensesOf(workspace);
  const { watchdog, events } = senses;
  const inbox = new Inbox(layout, events, { workspace, publisher: applier.publisher, livenessOf: deps.host.livenessOf });
  const round = new Round(deps, senses, report);
  if (senses.awake) await answerDrops(inbox, round, clock);
  makeInbox(layout);
  sweepLeftovers(layout.temporaries, report.started_ms);
  // Heartbeats of processes that were killed; one that lives writes its own every few seconds.
  sweepLeftovers(layout.owners, report.started_ms);
  const index = readDayIndex(layout.cache, catalog.digest);
  await round.raise(() => raiseGap(workspace, applier.publisher, report.started_ms));
  let found: Survey;
  for (let n = 0; ; n++) {
    const arrivals = await inbox.collect(clock());
    round.count(inbox.takeConfirmed());
    found = survey(layout, index, catalog.digest, clock());
    sizeThreadPool(arrivals.size + found.undecided.length + found.open.length);
    reopenUnsettled(layout, [...found.undecided, ...found.unverified, ...found.open.map(({ name }) => name)]);
    deps.admission?.look(found);
    let changed = (await round.run(found, arrivals)) || inbox.hasMore;
    round.settle(inbox);
    changed = (await round.attempts()) || changed;
    if (!changed) {
      const findings = await watchdog.look(clock(), undefined, found.events);
      const desk = { layout, events, publisher: applier.publisher, now_ms: clock() };
      changed = await round
        .raise(() => raiseFindings(findings, desk))
        .finally(() => {
          if (!round.isRaised) watchdog.forget();
        });
    }
    if (!changed || n >= MAX_ROUNDS) break;
  }
  const watchDue_ms = watchdog.nextDue_ms;
  report.nextDue_ms = minimum([found.nextDue_ms, watchDue_ms, ...report.waiting.map(({ until_ms }) => until_ms)]);
  const memory = remember(layout, index, catalog.digest, {
    found,
    waiting: report.waiting,
    verifiedOn: (day) => round.verifiedOn(day),
    watchDue_ms,
    blurred: round.blurred,
  });
  report.sealed = await sealWhatIsOver(workspace, memory, clock(), report.failures);
  round.hear(lastWordsOfDamaged(layout, clock()));
  watchdog.remember(deps.senses ? clock() : null);
  if (senses.lasting) {
    events.refresh(found.events);
    senses.awake = true;
  }
  report.finished_ms = clock();
  recordPass(layout, report.started_ms, report.finished_ms, report.nextDue_ms);
  return report;
}

/**
 * What was dropped since the last pass is answered before anything else is looked at: somebody may be waiting for it, and
 * a process that has looked at everything knows what it has to be compared with. The pass proper then finds it on disk.
 */
async function answerDrops(inbox: Inbox, round: Round, clock: () => number): Promise<void> {
  const arrivals = await inbox.collect(clock(), 'as known');
  round.count(inbox.takeConfirmed());
  if (arrivals.size > 0) {
    await round.answer(arrivals);
    // The look at everything else would keep what has just been claimed from leaving.
    await round.attempts();
  }
  round.settle(inbox);
}

/** So that whoever wants to drop something finds where. Where it cannot be made, the pass goes on: everything else may still be done. */
function makeInbox({ inbox }: Workspace['layout']): void {
  try {
    makeFolder(realFileSystem, inbox);
  } catch {
    // It is there already, or whoever drops something is told by the file system.
  }
}

function minimum(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : known.reduce((a, b) => Math.min(a, b));
}
