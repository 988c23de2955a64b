import { join } from 'node:path';
import type { Event, Stored } from '../model/artifacts.ts';
import { check } from '../model/check.ts';
import { parseStrict } from '../model/json.ts';
import { fileName, nameOfFile, parseName, subjectFile } from '../model/names.ts';
import { isWord } from '../model/words.ts';
import { readRegular, realFileSystem } from './files.ts';
import { listFolder } from './folder.ts';
import { listAllDays, listStage } from './history.ts';
import { type Layout, MAX_ARTIFACT_BYTES } from './layout.ts';
import { readArtifact } from './read.ts';
import { type GoodRecords, MAX_REMEMBERED_RECORDS, readGoodRecords, stampOf, writeGoodRecords } from './subject-memory.ts';

/** Where there are more records than can be remembered, so many are looked at in each pass, others every minute. */
const SLICE = 100;
const MINUTE_MS = 60_000;

/** Remembers which records are good, and finds the last words of subjects whose record is damaged or gone. */
export function lastWordsOfDamaged(layout: Layout, now_ms: number): Stored<Event>[] {
  const files = listFolder(layout.subjects).filter((name) => name.endsWith('.json'));
  const damaged = new Set(files.length <= MAX_REMEMBERED_RECORDS ? damagedSinceLast(layout, files) : damagedInSlice(layout, files.sort(), now_ms));
  return damaged.size === 0 ? [] : lastWords(layout, damaged);
}

function damagedSinceLast(layout: Layout, files: readonly string[]): string[] {
  const before = readGoodRecords(layout);
  const good: GoodRecords = {};
  const damaged: string[] = [];
  for (const file of new Set([...Object.keys(before), ...files])) {
    const stamp = stampOf(layout, file);
    if (stamp !== '' && (stamp === before[file] || isGood(layout, file))) good[file] = stamp;
    else damaged.push(file);
  }
  const isNews = Object.keys(good).length !== Object.keys(before).length || Object.entries(good).some(([file, stamp]) => before[file] !== stamp);
  if (isNews) writeGoodRecords(layout, good);
  return damaged;
}

function damagedInSlice(layout: Layout, files: readonly string[], now_ms: number): string[] {
  const start = (Math.floor(now_ms / MINUTE_MS) % Math.ceil(files.length / SLICE)) * SLICE;
  return files.slice(start, start + SLICE).filter((file) => !isGood(layout, file));
}

/** The last word that is on disk of each subject that such a file is about. */
function lastWords(layout: Layout, files: Set<string>): Stored<Event>[] {
  const found: Stored<Event>[] = [];
  const slugs = new Set([...files].map((file) => file.replace(/(_[0-9a-f]{12})?\.json$/, '')));
  for (const day of listAllDays(layout).reverse()) {
    const compactDay = day.replaceAll('-', '');
    const names = listStage(layout, 'events', day).flatMap((file) => nameOfFile('events', compactDay, file) ?? []);
    for (const name of names.sort().reverse()) {
      if (files.size === 0) return found;
      if (!slugs.has(parseName(name)?.whom ?? '')) continue;
      const read = readArtifact(layout, 'event', 'events', name, fileName.event(name));
      if (read.kind !== 'ok' || !isWord(read.stored.document)) continue;
      if (files.delete(subjectFile(read.stored.document.subject))) found.push(read.stored);
    }
  }
  return found;
}

function isGood(layout: Layout, file: string): boolean {
  const read = readRegular(realFileSystem, join(layout.subjects, file), MAX_ARTIFACT_BYTES);
  const parsed = read.kind === 'bytes' ? parseStrict(read.bytes) : null;
  return parsed?.ok === true && check('subject-record', parsed.value) === null && subjectFile((parsed.value as { subject: string }).subject) === file;
}
