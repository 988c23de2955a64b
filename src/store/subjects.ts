import { lstatSync } from 'node:fs';
import { basename, join } from 'node:path';
import { onExit } from 'signal-exit';
import writeFileAtomic from 'write-file-atomic';
import { API_VERSION, type Event, type Stored, type SubjectRecord } from '../model/artifacts.ts';
import { check } from '../model/check.ts';
import { parseStrict, serialize } from '../model/json.ts';
import { subjectFile } from '../model/names.ts';
import { isWord } from '../model/words.ts';
import { realFileSystem as io, makeFolder, readRegular, stateError } from './files.ts';
import { type Layout, MAX_ARTIFACT_BYTES } from './layout.ts';
import { quarantine } from './quarantine.ts';

/**
 * Brings the last word of each subject up to date with these events. A projection, so it needs no sync: whatever is lost
 * or damaged can be rebuilt from the events. Returns how many records changed.
 */
export function rememberLastWords(layout: Layout, events: readonly Stored<Event>[], now_ms: number): number {
  const latest = new Map<string, Stored<Event>>();
  for (const event of events) {
    if (!isWord(event.document)) continue;
    const known = latest.get(event.document.subject);
    if (!known || isNewer(event.document.time, event.link.path, known.document.time, known.link.path)) latest.set(event.document.subject, event);
  }
  if (latest.size === 0) return 0;
  makeRoom(layout, now_ms);
  // Each write listens for signals while it lasts; to begin and end that for each of a thousand takes longer than writing them.
  const stopListening = onExit(() => {});
  try {
    return writeRecords(layout, latest, now_ms);
  } finally {
    stopListening();
  }
}

function writeRecords(layout: Layout, latest: ReadonlyMap<string, Stored<Event>>, now_ms: number): number {
  let changed = 0;
  for (const [subject, { document, link }] of latest) {
    const path = join(layout.subjects, subjectFile(subject));
    const known = readRecord(layout, path, now_ms);
    if (known?.subject === subject && !isNewer(document.time, link.path, known.last.time, known.last.event.path)) continue;
    const { type, severity, time, runid } = document;
    const record: SubjectRecord = {
      apiVersion: API_VERSION,
      kind: 'SubjectRecord',
      subject,
      last: { type, severity, time, ...(runid === undefined ? {} : { runid }), event: link },
    };
    try {
      writeFileAtomic.sync(path, serialize(record), { fsync: false, mode: 0o600 });
    } catch (error) {
      throw stateError('write', path, error);
    }
    changed++;
  }
  return changed;
}

const isNewer = (time: string, path: string, knownTime: string, knownPath: string): boolean =>
  time > knownTime || (time === knownTime && path > knownPath);

/** Whatever else stands in place of the folder is moved aside. */
function makeRoom(layout: Layout, now_ms: number): void {
  const stat = lstatSync(layout.subjects, { throwIfNoEntry: false });
  if (stat && !stat.isDirectory())
    quarantine(layout, { path: 'subjects', reason: 'name_invalid', detail: 'it stood where the folder for subjects should be' }, now_ms);
  try {
    makeFolder(io, layout.subjects);
  } catch (error) {
    throw stateError('create', layout.subjects, error);
  }
}

/** A record that is damaged counts as absent; what is no file at all makes room first. */
function readRecord(layout: Layout, path: string, now_ms: number): SubjectRecord | null {
  const read = readRegular(io, path, MAX_ARTIFACT_BYTES);
  if (read.kind === 'bad') quarantine(layout, { path: `subjects/${basename(path)}`, reason: read.reason, detail: read.detail }, now_ms);
  const parsed = read.kind === 'bytes' ? parseStrict(read.bytes) : null;
  return parsed?.ok && check('subject-record', parsed.value) === null ? (parsed.value as SubjectRecord) : null;
}
