import type { Child } from '../child.ts';
import { finished, type Git } from './git.ts';
import { GitTrouble } from './trouble.ts';

const TREE = '40000';
const NEWLINE = 10;
/** Archives of a day are the largest. */
const MAX_OBJECT_BYTES = 1024 * 1024 * 1024;

export interface TreeEntry {
  /** In octal, as git writes it in trees: `100644`, `40000`. */
  mode: string;
  oid: string;
}

/** Names in Latin-1, one character a byte: git takes any bytes but `/` and NUL. */
export type Tree = Map<string, TreeEntry>;

export const treeName = (name: string): string => Buffer.from(name).toString('latin1');

/** The tree of a folder; undefined if there is none. Throws `not_a_folder`. */
export function folderIn(tree: Tree, name: string): string | undefined {
  const entry = tree.get(treeName(name));
  if (entry !== undefined && entry.mode !== TREE)
    throw new GitTrouble('not_a_folder', `in the last commit ${name} is ${entry.mode === '160000' ? 'a submodule' : 'no folder'}`);
  return entry?.oid;
}

const READ = ['cat-file', '--batch'];
const WRITE = ['mktree', '--batch', '--missing', '-z'];

/** Reads objects, one after the other, from one git. Must be closed. */
export class ObjectReader {
  readonly #child: Child;

  constructor(git: Git, limit_ms?: number) {
    this.#child = git.start(READ, limit_ms === undefined ? {} : { limit_ms });
  }

  /** The object of this name (`HEAD:path` and the like, on one line), or null if there is none. */
  async read(name: string): Promise<{ oid: string; type: string; bytes: Buffer } | null> {
    this.#child.write(`${name}\n`);
    const header = (await this.#answer(this.#child.output.until(NEWLINE))).toString('latin1');
    const [oid = '', type = '', size = ''] = header.split(' ');
    if (!/^\d+$/.test(size)) return null;
    if (Number(size) > MAX_OBJECT_BYTES) throw new GitTrouble('failed', `the object ${oid} is too large: ${size} bytes`);
    const bytes = await this.#answer(this.#child.output.exactly(Number(size) + 1));
    return { oid, type, bytes: bytes.subarray(0, -1) };
  }

  /** The tree of this name. Throws if it is missing, or something else: a damaged repository must not pass for an empty one. */
  async tree(name: string): Promise<{ oid: string; entries: Tree }> {
    const object = await this.read(name);
    if (object === null) throw new GitTrouble('failed', `the repository is damaged: ${name} is missing`, 'git fsck');
    if (object.type !== 'tree') throw new GitTrouble('failed', `${name} is no tree`);
    return { oid: object.oid, entries: parseTree(object.bytes, object.oid.length / 2) };
  }

  close(): void {
    this.#child.close();
    this.#child.stop();
  }

  async #answer(bytes: Promise<Buffer | null>): Promise<Buffer> {
    const answer = await bytes.catch(() => null);
    if (answer !== null) return answer;
    this.#child.close();
    await finished(READ, this.#child);
    throw new GitTrouble('failed', 'git cat-file ended too early');
  }
}

/** `<mode> <name>NUL<id>`, again and again (git's tree.c). */
function parseTree(bytes: Buffer, oid_bytes: number): Tree {
  const tree: Tree = new Map();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const nul = bytes.indexOf(0, space);
    const end = nul + 1 + oid_bytes;
    if (space < 0 || nul < 0 || end > bytes.length) throw new GitTrouble('failed', 'a tree of the repository is damaged');
    tree.set(bytes.toString('latin1', space + 1, nul), { mode: bytes.toString('latin1', at, space), oid: bytes.toString('hex', nul + 1, end) });
    at = end;
  }
  return tree;
}

/** Writes trees through one git, each durable. Must be closed. */
export class TreeWriter {
  readonly #child: Child;

  constructor(git: Git) {
    this.#child = git.start(WRITE, { settings: ['core.fsync=all'] });
  }

  /** The id of the tree. */
  async write(tree: Tree): Promise<string> {
    const parts: Buffer[] = [];
    for (const [name, { mode, oid }] of tree) {
      const type = mode === TREE ? 'tree' : mode === '160000' ? 'commit' : 'blob';
      parts.push(Buffer.from(`${mode.padStart(6, '0')} ${type} ${oid}\t${name}\0`, 'latin1'));
    }
    parts.push(Buffer.from([0]));
    this.#child.write(Buffer.concat(parts));
    const line = await this.#child.output.until(NEWLINE).catch(() => null);
    if (line !== null) return line.toString('latin1');
    this.#child.close();
    await finished(WRITE, this.#child);
    throw new GitTrouble('failed', 'git mktree ended too early');
  }

  close(): void {
    this.#child.close();
    this.#child.stop();
  }
}
