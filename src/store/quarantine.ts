import { lstatSync } from 'node:fs';
import { basename, join } from 'node:path';
import { API_VERSION, type QuarantineNote } from '../model/artifacts.ts';
import { isErrno } from '../model/errors.ts';
import { serialize } from '../model/json.ts';
import type { BadFile } from '../model/snapshot.ts';
import { printable, truncate } from '../model/text.ts';
import { formatTime } from '../model/time.ts';
import { createFile } from './create-file.ts';
import { realFileSystem as io, stateError, syncFolder } from './files.ts';
import type { Layout } from './layout.ts';

const NOTE_SUFFIX = '.reason.json';

/**
 * Moves a file that cannot be read out of the way, the note with the reason first: a file without a note never lies in
 * quarantine. Returns the new path below `state/`, or null if somebody else has moved it already. Nothing is overwritten.
 */
export function quarantine(layout: Layout, bad: BadFile, now_ms: number): string | null {
  const from = layout.at(bad.path);
  const folder = join(layout.quarantine, formatTime(now_ms).slice(0, 10));
  try {
    if (!exists(from)) return null;
    const stem = safeName(bad.path);
    for (let n = 0; ; n++) {
      const name = n === 0 ? stem : `${stem}~${n}`;
      if (exists(join(folder, name)) || !createNote(join(folder, name + NOTE_SUFFIX), bad, now_ms)) continue;
      io.renameSync(from, join(folder, name));
      syncFolder(io, folder);
      return `quarantine/${basename(folder)}/${name}`;
    }
  } catch (error) {
    if (isErrno(error, 'ENOENT') && !exists(from)) return null;
    throw stateError('move to quarantine', from, error);
  }
}

/** Stage and file name, in characters that every shell and terminal takes. */
function safeName(path: string): string {
  const [stage = ''] = path.split('/');
  return `${stage}-${basename(path)}`.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 180);
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
