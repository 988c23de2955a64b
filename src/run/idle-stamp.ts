// Read at every start, before anything else: this file loads node:fs, and what reads and writes a cache. (Not readFileSync(), which takes the
// whole process with it where a file cannot be closed: Node 20.)
import { lstatSync, type Stats, statSync } from 'node:fs';
import { readCacheFile, writeCacheFile } from '../store/cache-file.ts';
import { mayChangeUnseen } from '../store/coarse-time.ts';

/**
 * That there is nothing to do, and everything that has to stay as it is for that to be true. A cache and nothing more: a pass
 * that finds it broken looks at everything itself.
 */
export interface IdleStamp {
  /** Absolute: a workspace that was copied with its cache is another one. */
  workspace: string;
  /** When that was found, in milliseconds; a clock that shows less was put back. */
  since_ms: number;
  /** When the first thing falls due; null if nothing will. */
  until_ms: number | null;
  /** What a pass says of its next step, which may be later than what a heartbeat or a seal waits for. */
  nextDue_ms: number | null;
  /** So long nobody may have watched; null if nobody asks. */
  gapAfter_ms: number | null;
  /** Absolute path of the record of the last pass. */
  lastPass: string;
  /** Files and folders by absolute path, each with what changes with every change of it. */
  things: Record<string, string>;
}

const FORMAT = 1;

/** The stamp that was written last, or null. Throws nothing; what it is made of is not checked further than that it can be read. */
export function readIdleStamp(file: string): IdleStamp | null {
  try {
    const { format, ...stamp } = JSON.parse(readCacheFile(file));
    return format === FORMAT ? stamp : null;
  } catch {
    return null;
  }
}

/** Whether nothing has changed since, and nothing is due. Throws where it cannot be found out. */
export function stillHolds(stamp: IdleStamp, workspace: string, now_ms: number): boolean {
  if (stamp.workspace !== workspace || !(stamp.since_ms <= now_ms) || (stamp.until_ms !== null && !(now_ms < stamp.until_ms))) return false;
  for (const path in stamp.things) if (stamp.things[path] !== printOf(path)) return false;
  return stamp.gapAfter_ms === null || now_ms - lastPassOf(stamp.lastPass) <= stamp.gapAfter_ms;
}

const lastPassOf = (file: string): number => Date.parse(JSON.parse(readCacheFile(file)).finishedAt);

/** Prints of all of these; null if one changed so recently that it could change again unseen. */
export function printsOf(paths: Iterable<string>): Record<string, string> | null {
  const things: Record<string, string> = {};
  for (const path of paths) {
    const print = printOf(path, (stat) => mayChangeUnseen(stat.ctimeMs));
    if (print === null) return null;
    things[path] = print;
  }
  return things;
}

/**
 * Changes with every change of a file, and with every name that comes to a folder or goes; `-` if there is nothing. Of a link, as documents are
 * mounted by some, both it and what it leads to. Null if one of them is `unfit`.
 */
function printOf(path: string, unfit: (stat: Stats) => boolean = () => false): string | null {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return '-';
  if (unfit(stat)) return null;
  if (!stat.isSymbolicLink()) return printed(stat);
  const target = statSync(path, { throwIfNoEntry: false });
  if (target && unfit(target)) return null;
  return `${printed(stat)} > ${target ? printed(target) : '-'}`;
}

const printed = ({ ino, ctimeMs, size }: Stats): string => `${ino} ${ctimeMs} ${size}`;

export function writeIdleStamp(file: string, stamp: IdleStamp): void {
  writeCacheFile(file, JSON.stringify({ format: FORMAT, ...stamp }));
}
