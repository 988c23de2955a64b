import { lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fastGlob from 'fast-glob';
import { isErrno, messageOf } from '../model/errors.ts';
import type { FolderListing } from './cache.ts';
import type { Problem } from './problem.ts';

/** Where declared documents lie, in the workspace as in the package. */
const DOCUMENT_FOLDERS = ['bindings', 'policy', 'profiles'] as const;

const MAX_FILES = 1000;
const MAX_FOLDERS_DEEP = 16;

export interface FoundFiles {
  /** Relative to the root, with slashes; in order of name. They may still be anything but regular files. */
  files: string[];
  folders: FolderListing[];
  problems: Problem[];
}

/** Every `*.yaml` and `*.yml` below the folders of documents. Folders are never entered through symbolic links. */
export async function findFiles(root: string, prefix: string): Promise<FoundFiles> {
  const found: FoundFiles = { files: [], folders: [], problems: [] };
  for (const folder of DOCUMENT_FOLDERS) await findBelow(root, folder, prefix, found);
  if (found.files.length > MAX_FILES) {
    found.problems.push(inFile('too_many_files', prefix, `there are ${found.files.length} documents, more than ${MAX_FILES} are not read`));
    found.files.length = MAX_FILES;
  }
  return found;
}

async function findBelow(root: string, folder: string, prefix: string, found: FoundFiles): Promise<void> {
  const absolute = join(root, folder);
  found.folders.push(listFolder(absolute));
  try {
    const stats = lstatSync(absolute);
    if (stats.isSymbolicLink()) {
      found.problems.push(inFile('symlinked_folder', prefix + folder, `${folder} is a symbolic link; folders are not entered through links`));
      return;
    }
    if (!stats.isDirectory()) return;
    const entries = await fastGlob.glob('**', {
      cwd: absolute,
      onlyFiles: false,
      followSymbolicLinks: false,
      objectMode: true,
      deep: MAX_FOLDERS_DEEP,
    });
    for (const { path, dirent } of entries.sort((a, b) => (a.path < b.path ? -1 : 1))) {
      const name = `${folder}/${path}`;
      const isFolder = dirent.isDirectory();
      if (isFolder) found.folders.push(listFolder(join(root, name)));
      if (/\.ya?ml$/i.test(name)) found.files.push(name);
      else if (dirent.isSymbolicLink() && leadsToFolder(join(root, name))) {
        found.problems.push(inFile('symlinked_folder', prefix + name, `${name} is a symbolic link; folders are not entered through links`));
      }
    }
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) found.problems.push(inFile('unreadable', prefix + folder, `the folder cannot be read: ${messageOf(error)}`));
  }
}

function leadsToFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** The names in a folder as the cache compares them, or null if there is no such folder. */
function listFolder(path: string): FolderListing {
  try {
    return {
      path,
      entries: readdirSync(path, { withFileTypes: true })
        .map((entry) => entry.name + (entry.isDirectory() ? '/' : entry.isSymbolicLink() ? '@' : ''))
        .sort(),
    };
  } catch {
    return { path, entries: null };
  }
}

/** A problem of a whole file or folder. */
export function inFile(code: Problem['code'], file: string, message: string): Problem {
  return { code, file, line: 0, column: 0, sourceLine: '', message };
}
