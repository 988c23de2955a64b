import { lstatSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { readDayIndex } from '../store/day-index.ts';
import { listFolder, type Survey, survey } from '../store/survey.ts';
import { recordPass } from './last-pass.ts';
import { emptyReport, type PassDeps, type PassReport } from './pass-report.ts';
import { remember } from './remember.ts';
import { Round } from './round.ts';

/** More rounds than any chain has steps; a pass that needs more is going in circles. */
const MAX_ROUNDS = 50;
/** Temporary files older than this belong to nobody. */
const LEFTOVER_MS = 3_600_000;

/** Observe, plan, apply; again until nothing is due. */
export async function runPass(deps: PassDeps): Promise<PassReport> {
  const { workspace, clock } = deps;
  const { layout, catalog } = workspace;
  const report = emptyReport(clock());
  sweepLeftovers(layout.temporaries, report.started_ms);
  const index = readDayIndex(layout.cache, catalog.digest);
  const round = new Round(deps, report);
  let found: Survey;
  for (let n = 0; ; n++) {
    found = survey(layout, index, catalog.digest, clock());
    const changed = await round.run(found);
    if (!changed || n >= MAX_ROUNDS) break;
  }
  report.nextDue_ms = minimum([found.nextDue_ms, ...report.waiting.map(({ until_ms }) => until_ms)]);
  remember(layout, index, catalog.digest, { found, waiting: report.waiting, verifiedOn: (day) => round.verifiedOn(day), blurred: round.blurred });
  report.finished_ms = clock();
  recordPass(layout, report.started_ms, report.finished_ms, report.nextDue_ms);
  return report;
}

/** Temporary files of processes that died: nothing scans them, but they take room. */
function sweepLeftovers(folder: string, now_ms: number): void {
  for (const name of listFolder(folder)) {
    const path = join(folder, name);
    try {
      if (now_ms - lstatSync(path).mtimeMs > LEFTOVER_MS) unlinkSync(path);
    } catch {
      // Somebody else swept, or it is no file of ours.
    }
  }
}

function minimum(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : known.reduce((a, b) => Math.min(a, b));
}
