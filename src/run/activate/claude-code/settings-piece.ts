import { readFileSync, rmdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { isErrno, messageOf, RgovError } from '../../../model/errors.ts';
import { differencesOf, type Found, type Piece } from '../piece.ts';
import { removeFile, replaceFile } from '../replace-file.ts';
import type { Owner } from '../stamp.ts';
import { isEdited, isOf } from './hooks.ts';
import { groupsIn, type PlacedGroup, withGroup, withoutGroups } from './settings-text.ts';

export interface SettingsParts {
  owner: Owner;
  /** Absolute. */
  path: string;
  groups: readonly PlacedGroup[];
  why: string;
}

/** Groups of hooks among those of others in a settings file of Claude Code. Every other byte of the file stays as it is. */
export function settingsPiece({ owner, path, groups, why }: SettingsParts): Piece {
  const isOurs = (placed: PlacedGroup): boolean => isOf(owner, placed);
  return {
    where: path,
    why,
    text: shown(groups),
    look: () => {
      try {
        return compare(groupsIn(read(path), path).filter(isOurs), groups, owner);
      } catch (error) {
        if (!(error instanceof RgovError)) throw error;
        return { status: 'unknown', reason: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
      }
    },
    write: () => {
      const without = withoutGroups(read(path), isOurs, path);
      replaceFile(path, encode(groups.reduce((text, group) => withGroup(text, group, path), without)));
    },
    remove: () => {
      const rest = withoutGroups(read(path), isOurs, path);
      if (rest !== '') return replaceFile(path, encode(rest));
      removeFile(path);
      removeIfEmpty(dirname(path));
    },
  };
}

function compare(there: readonly PlacedGroup[], wanted: readonly PlacedGroup[], owner: Owner): Found {
  if (there.length === 0) return { status: 'missing' };
  const [is, should] = [shown(there), shown(wanted)];
  if (is === should) return { status: 'same' };
  return { status: 'changed', byHand: there.some((placed) => isEdited(owner, placed)), differences: differencesOf(is, should) };
}

/** As a part of the settings, whatever the order of the events. */
function shown(groups: readonly PlacedGroup[]): string {
  const hooks: Record<string, unknown[]> = {};
  for (const { event, group } of [...groups].sort((a, b) => (a.event < b.event ? -1 : 1))) hooks[event] = [...(hooks[event] ?? []), group];
  return `${JSON.stringify({ hooks }, null, 2)}\n`;
}

/** A mark of the byte order stays where it is; to whoever reads JSON it is no part of it. */
const MARK = '\ufeff';

function read(path: string): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
    if (text.startsWith(MARK)) throw new RgovError('state_io', `${path} begins with a byte order mark, which is no JSON`, { hint: `edit ${path}` });
    return text;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return '';
    if (error instanceof RgovError) throw error;
    throw new RgovError('state_io', `${path} cannot be read: ${isErrno(error) ? error.code : messageOf(error)}`, {
      hint: `ls -l ${path}`,
      cause: error,
    });
  }
}

const encode = (text: string): Buffer => Buffer.from(text, 'utf8');

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Others have something in it.
  }
}
