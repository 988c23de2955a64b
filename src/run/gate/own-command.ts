import { realpathSync } from 'node:fs';
import { basename, isAbsolute, resolve } from 'node:path';
import { findWorkspace, type WorkspaceOptions } from '../locate.ts';

/** By what this very program is called, and for which workspace it answers. */
export interface OwnCommand {
  /** The words that a command line of it may begin with. */
  programs: readonly (readonly string[])[];
  /** Absolute; null if there is none. */
  workspace(): string | null;
}

/**
 * The name on the path, and the absolute path of the program that answers now: a hook names that one, and it is the surer of the two, as neither
 * PATH nor an alias can lead it elsewhere. Any other program of that name is another program.
 */
export function ownCommand(options: WorkspaceOptions, [node = '', program = '']: readonly string[] = process.argv): OwnCommand {
  const isOurs = isAbsolute(program) && /^rgov(\.cjs)?$/.test(basename(program));
  const paths = isOurs ? [...new Set([program, real(program)])].filter((path) => path !== null) : [];
  return {
    programs: [['rgov'], ...paths.map((path) => [path]), ...paths.map((path) => [node, path])],
    workspace: () => {
      try {
        return findWorkspace(options);
      } catch {
        return null;
      }
    },
  };
}

/**
 * Whether `path` names the folder `own`. A relative path does not: nobody knows what it is relative to. Nor does one that leads there through a link: by
 * the time the command runs, it may lead elsewhere.
 */
export function isFolder(path: string, own: string | null): boolean {
  return own !== null && isAbsolute(path) && [own, real(own)].includes(resolve(path));
}

function real(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}
