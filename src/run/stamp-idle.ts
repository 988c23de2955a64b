import { inputsOfCachedCatalog } from '../catalog/cache.ts';
import { STAGES } from '../model/artifacts.ts';
import { ClosedDays } from '../store/closed-days.ts';
import { listDays } from '../store/days.ts';
import { sealDue_ms } from '../store/seal-due.ts';
import { readGoodRecords } from '../store/subject-memory.ts';
import { readLastPing, soonestPing_ms } from './heartbeat/memory.ts';
import { type IdleStamp, printsOf } from './idle-stamp.ts';
import { cacheFile, type WorkspaceOptions } from './locate.ts';
import type { Workspace } from './workspace.ts';

/** Looking at more than this is no longer cheaper than looking at the days. */
const MAX_THINGS = 20_000;

/** Prints of all that an idle pass looks at. Null if something changed a moment ago, and could change again without its time telling. */
export function printsOfAll({ root, layout }: Workspace, { binding }: WorkspaceOptions, program: string): IdleStamp['things'] | null {
  const sealed = new ClosedDays(layout).sealedThrough();
  const paths = [
    program,
    ...inputsOfCachedCatalog(cacheFile(root, binding)),
    layout.inbox,
    layout.seals,
    ...Object.keys(readGoodRecords(layout)).map((file) => `${layout.subjects}/${file}`),
    ...STAGES.map((stage) => layout.stage(stage)),
    ...listDays(layout)
      .filter((day) => day > sealed)
      .flatMap((day) => STAGES.map((stage) => layout.day(stage, day))),
  ];
  return paths.length > MAX_THINGS ? null : printsOf(paths);
}

/** That nothing was to be done at `now_ms`. The prints have to be older than the look that found this, so that nothing is missed in between. */
export function idleStamp(workspace: Workspace, nextDue_ms: number | null, things: IdleStamp['things'], now_ms: number): IdleStamp {
  const dues = [nextDue_ms, pingDue_ms(workspace, now_ms), sealDueLater_ms(workspace, now_ms)].filter((time) => time !== null);
  return {
    workspace: workspace.root,
    since_ms: now_ms,
    until_ms: dues.length === 0 ? null : Math.min(...dues),
    nextDue_ms,
    gapAfter_ms: workspace.catalog.gapAfter_ms,
    lastPass: workspace.layout.lastPass,
    things,
  };
}

function pingDue_ms({ catalog, layout }: Workspace, now_ms: number): number | null {
  return catalog.heartbeat ? soonestPing_ms(catalog.heartbeat, readLastPing(layout), catalog.digest, now_ms) : null;
}

/** A day that is over for long enough and yet not sealed waits for a change, not for a time. */
function sealDueLater_ms({ catalog, layout }: Workspace, now_ms: number): number | null {
  const due_ms = catalog.seal === null ? null : sealDue_ms(layout, catalog.seal.after_ms);
  return due_ms !== null && due_ms > now_ms ? due_ms : null;
}
