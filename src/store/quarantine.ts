import { lstatSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { API_VERSION, type QuarantineNote } from '../model/artifacts.ts';
import { isErrno } from '../model/errors.ts';
import { shortHash } from '../model/hash.ts';
import { serialize } from '../model/json.ts';
import type { BadFile } from '../model/snapshot.ts';
import { printable, truncate } from '../model/text.ts';
import { formatTime } from '../model/time.ts';
import { createFile } from './create-file.ts';
import { realFileSystem as io, makeFolder, stateError, syncFolder } from './files.ts';
import type { Layout } from './layout.ts';

const NOTE_SUFFIX = '.reason.json';

/**
 * Moves a file that cannot be read out of the way, the note with the reason first: a file without a note never lies in
 * quarantine. Returns the new path below `state/`, or null if somebody else has moved it already. Nothing is overwritten.
 */
export function quarantine(layout: Layout, bad: BadFile, now_ms: number): string | null {
  const from = layout.at(bad.path);
  try {
    const source = exists(from) ? from : undecodable(from);
    if (source === null) return null;
    const folder = makeRoom(layout, now_ms);
    const stem = safeName(bad.path);
    // The hash keeps many files whose names only differ in what was cut off from trying each other's numbers.
    const distinct = `${stem}~${shortHash(bad.path)}`;
    for (let n = 0; ; n++) {
      const name = n === 0 ? stem : n === 1 ? distinct : `${distinct}~${n}`;
      if (exists(join(folder, name)) || !createNote(join(folder, name + NOTE_SUFFIX), bad, now_ms)) continue;
      move(source, join(folder, name));
      syncFolder(io, folder);
      return `quarantine/${basename(folder)}/${name}`;
    }
  } catch (error) {
    if (isErrno(error, 'ENOENT') && !exists(from)) return null;
    throw stateError('move to quarantine', from, error);
  }
}

/** A note whose file stayed where it was would be one more with every pass. */
function move(from: string | Buffer, to: string): void {
  try {
    io.renameSync(from, to);
  } catch (error) {
    io.unlinkSync(to + NOTE_SUFFIX);
    throw error;
  }
}

/** The folder to move into. What stands in its place, or in the place of its parent, goes into quarantine itself. */
function makeRoom(layout: Layout, now_ms: number): string {
  const folder = join(layout.quarantine, formatTime(now_ms).slice(0, 10));
  for (const path of [layout.quarantine, folder]) {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (!stat || stat.isDirectory()) continue;
    const aside = `.${basename(path)}-${process.hrtime.bigint()}`;
    io.renameSync(path, layout.at(aside));
    quarantine(layout, { path: aside, reason: 'name_invalid', detail: 'it stood where the folder for such files should be' }, now_ms);
  }
  makeFolder(io, folder);
  return folder;
}

/** A name that is not UTF-8 was listed with marks in place of what could not be decoded; the real one in bytes, or null. */
function undecodable(path: string): Buffer | null {
  const name = basename(path);
  if (!name.includes('\ufffd')) return null;
  const folder = dirname(path);
  const bytes = io.readdirSync(folder, { encoding: 'buffer' }).find((entry) => entry.toString('utf8') === name);
  return bytes ? Buffer.concat([Buffer.from(`${folder}/`), bytes]) : null;
}

/** Stage and file name, in characters that every shell and terminal takes. */
function safeName(path: string): string {
  const [stage = ''] = path.split('/');
  return `${stage}-${basename(path)}`
    .replace(/[^A-Za-z0-9._-]/g, '-')
    .replace(/^\.+/, '')
    .slice(0, 180);
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function createNote(path: string, bad: BadFile, now_ms: number): boolean {
  const note: QuarantineNote = {
    apiVersion: API_VERSION,
    kind: 'QuarantineNote',
    path: truncate(printable(bad.path), 4096),
    reason: bad.reason,
    detail: truncate(printable(bad.detail), 4000),
    foundAt: formatTime(now_ms),
  };
  return createFile(path, serialize(note), 0o600) === 'created';
}
