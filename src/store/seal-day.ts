import { rmSync } from 'node:fs';
import { STAGES } from '../model/artifacts.ts';
import { sha256 } from '../model/hash.ts';
import { dayOf, nameOfFile } from '../model/names.ts';
import { archiveName, listArchives } from './archived-days.ts';
import { writeCacheFile } from './cache-file.ts';
import { dayBeingSealed } from './closed-days.ts';
import { createFileIf } from './create-file.ts';
import type { DayIndex } from './day-index.ts';
import { groupWritesIn, makeFolder, readRegular, realFileSystem, stateError, syncFolder } from './files.ts';
import { listFolder } from './folder.ts';
import { type Layout, MAX_ARTIFACT_BYTES } from './layout.ts';
import { isQuiet } from './seal-due.ts';
import { formatSeal, listSeals, readSeal, readSealHead, type SealLine, sealName } from './seals.ts';

/** Files hashed before others get a turn. */
const CHUNK = 250;

export interface SealedDay {
  day: string;
  artifacts: number;
}

/**
 * Writes the seal of a day, durable when the promise resolves. While it is made the day is closed to everybody; if something
 * came to it all the same, nothing is sealed: null. Two who seal the same day at once write the same.
 */
export async function sealDay(layout: Layout, index: DayIndex, day: string): Promise<SealedDay | null> {
  try {
    // Nothing that is written from here on may come to this day: see ClosedDays.
    writeCacheFile(layout.sealing, `${day}\n`);
    const isMarked = (): boolean => dayBeingSealed(layout) === day;
    const artifacts = await hashDay(layout, day);
    if (artifacts === null || !isMarked()) return null;
    const text = formatSeal({ ...headOf(layout, day), artifacts });
    makeFolder(realFileSystem, layout.seals);
    const mode = groupWritesIn(realFileSystem, layout.root) ? 0o640 : 0o600;
    const result = createFileIf(layout.at(sealName(day)), text, mode, () => isMarked() && isQuiet(layout, index, day));
    return result === 'created' ? { day, artifacts: artifacts.length } : null;
  } catch (error) {
    throw stateError('seal', layout.at(sealName(day)), error);
  } finally {
    rmSync(layout.sealing, { force: true });
  }
}

/**
 * Opens a day again that somebody has begun to seal, where something in it turns out not to be settled: whoever began has died, as
 * nothing would ever be added to it again, or finds by itself that the day is not quiet. `unsettled` are names of events and notices.
 */
export function reopenUnsettled(layout: Layout, unsettled: readonly string[]): void {
  const closing = unsettled.length === 0 ? '' : dayBeingSealed(layout);
  if (closing === '' || unsettled.every((name) => dayOf(name) > closing)) return;
  try {
    rmSync(layout.sealing, { force: true });
  } catch (error) {
    throw stateError('remove', layout.sealing, error);
  }
}

/** What stands in a seal before its day's artifacts. */
function headOf(layout: Layout, day: string): { previous: SealLine | null; archives: SealLine[] } {
  const earlier = listSeals(layout).filter((other) => other < day);
  const named = new Set<string>();
  let previous: SealLine | null = null;
  for (const other of earlier) {
    for (const { path } of readSealHead(layout, other)?.archives ?? []) named.add(path);
  }
  const last = earlier.at(-1);
  const bytes = last === undefined ? null : readSeal(layout, last);
  if (last !== undefined && bytes !== null) previous = { sha256: sha256(bytes), path: sealName(last) };
  const archives = listArchives(layout).flatMap((packed): SealLine[] => {
    const path = archiveName(packed);
    const read = named.has(path) ? null : readRegular(realFileSystem, layout.at(path), Number.MAX_SAFE_INTEGER);
    return read?.kind === 'bytes' ? [{ sha256: sha256(read.bytes), path }] : [];
  });
  // Whoever packed one may have died before its name was durable.
  if (archives.length > 0) syncFolder(realFileSystem, layout.archives);
  return { previous, archives };
}

/** Every artifact of the day, sorted by path; null if something lies there that is none. */
async function hashDay(layout: Layout, day: string): Promise<SealLine[] | null> {
  const compactDay = day.replaceAll('-', '');
  const lines: SealLine[] = [];
  for (const stage of [...STAGES].sort()) {
    for (const file of listFolder(layout.day(stage, day)).sort()) {
      if (file.startsWith('.')) continue;
      const path = `${stage}/${day}/${file}`;
      const read = nameOfFile(stage, compactDay, file) === null ? null : readRegular(realFileSystem, layout.at(path), MAX_ARTIFACT_BYTES);
      if (read?.kind !== 'bytes') return null;
      lines.push({ sha256: sha256(read.bytes), path });
      if (lines.length % CHUNK === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return lines;
}
