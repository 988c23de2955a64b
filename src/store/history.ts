import { lstatSync } from 'node:fs';
import { STAGES, type Stage } from '../model/artifacts.ts';
import { dayOf, nameOfFile } from '../model/names.ts';
import { archiveName, listArchives } from './archived-days.ts';
import { listDays } from './days.ts';
import { listFolder } from './folder.ts';
import type { Layout } from './layout.ts';
import { parseSeal, readSeal } from './seals.ts';

/** Names of events by day, for whoever would else list the same folders once more. */
export type ListedEvents = Map<string, { names: string[]; changed_ms: number }>;

/** All days that anything is known of, packed away or not, sorted. */
export function listAllDays(layout: Layout): string[] {
  return [...new Set([...listDays(layout), ...listArchives(layout)])].sort();
}

/** Names of the files of a stage on a day, wherever they lie. Beside an archive, loose files are what was not removed yet: not all. */
export function listStage(layout: Layout, stage: Stage, day: string): string[] {
  return archivedNames(layout, day)?.get(stage) ?? listFolder(layout.day(stage, day));
}

/** The last one is kept: whoever asks for one stage of a day asks for the others, too. */
let last: { root: string; day: string; changed: bigint; names: Map<Stage, string[]> } | null = null;

/** By stage, what the seal of a packed day names; null if the day is not packed. */
function archivedNames(layout: Layout, day: string): ReadonlyMap<Stage, string[]> | null {
  const archive = lstatSync(layout.at(archiveName(day)), { bigint: true, throwIfNoEntry: false });
  if (!archive) return null;
  if (last?.root === layout.root && last.day === day && last.changed === archive.ctimeNs) return last.names;
  const bytes = readSeal(layout, day);
  const seal = bytes === null ? 'missing' : parseSeal(bytes);
  if (typeof seal === 'string') return null;
  const names = new Map<Stage, string[]>(STAGES.map((stage) => [stage, []]));
  for (const { path } of seal.artifacts) {
    const slash = path.indexOf('/');
    names.get(path.slice(0, slash) as Stage)?.push(path.slice(slash + day.length + 2));
  }
  last = { root: layout.root, day, changed: archive.ctimeNs, names };
  return names;
}

/** True if an event of that name is on disk, packed away or not. */
export function eventIsThere(layout: Layout, event: string): boolean {
  const day = dayOf(event);
  if (lstatSync(`${layout.day('events', day)}/${event}.json`, { throwIfNoEntry: false }) !== undefined) return true;
  return archivedNames(layout, day)?.get('events')?.includes(`${event}.json`) ?? false;
}

/** Names of all events of a day, and when its folder had changed before they were listed; taken from a listing where there is one. */
export function eventsOf(layout: Layout, day: string, listed: ListedEvents): { names(): string[]; changed_ms: number } {
  const known = listed.get(day);
  if (known) return { names: () => known.names, changed_ms: known.changed_ms };
  const changed_ms = lstatSync(layout.day('events', day), { throwIfNoEntry: false })?.ctimeMs ?? 0;
  const compactDay = day.replaceAll('-', '');
  return { changed_ms, names: () => listStage(layout, 'events', day).flatMap((file) => nameOfFile('events', compactDay, file) ?? []) };
}
