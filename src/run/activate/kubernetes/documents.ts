import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastGlob from 'fast-glob';
import { RgovError } from '../../../model/errors.ts';

/** One declared document, for a ConfigMap. */
export interface DeclaredFile {
  /** Relative to the workspace. */
  path: string;
  /** As a ConfigMap may name it. */
  key: string;
  text: string;
}

/** A ConfigMap holds 1 MiB at most; its own words need some of it. */
const MAX_BYTES = 1_000_000;

/** Every document of the workspace, by path. Throws `usage` where they do not fit into a ConfigMap. */
export function declaredFiles(root: string): DeclaredFile[] {
  const paths = fastGlob.sync('{policy,profiles,bindings}/**/*.{yaml,yml}', { cwd: root }).sort();
  const files = paths.map((path, index) => ({
    path,
    key: `${index}.${path.replace(/[^A-Za-z0-9._-]+/g, '-')}`.slice(0, 253),
    text: readFileSync(join(root, path), 'utf8'),
  }));
  const bytes = files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  if (bytes > MAX_BYTES)
    throw new RgovError('usage', `the documents of this workspace have ${bytes} bytes, and a ConfigMap holds 1 MiB at most`, {
      hint: 'put the workspace into the image, and the manifests by hand beside it',
    });
  return files;
}
