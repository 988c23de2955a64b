import { folderIn, type ObjectReader, type Tree, type TreeEntry, type TreeWriter, treeName } from './trees.ts';

/** A file that a commit adds or, of subject records, replaces. */
export interface Change {
  /** Below the root of the repository. */
  path: string;
  before: TreeEntry | null;
  after: TreeEntry;
}

export interface NewTree {
  oid: string;
  /** Trees of the folders that were written, by their paths below the root. */
  folders: Map<string, string>;
  /** What differs from before; files that were the same all along are not in it. */
  changes: Change[];
}

interface Node {
  files: Map<string, TreeEntry>;
  folders: Map<string, Node>;
}

const emptyNode = (): Node => ({ files: new Map(), folders: new Map() });

/**
 * The tree of the last commit with these files in it, and nothing else changed: only folders on their way are read and written,
 * whatever else the repository holds. `root` is null before the first commit.
 */
export async function writeTree(
  root: string | null,
  files: ReadonlyMap<string, TreeEntry>,
  reader: ObjectReader,
  writer: TreeWriter,
): Promise<NewTree> {
  const top = emptyNode();
  for (const [path, entry] of files) {
    const parts = path.split('/');
    let node = top;
    for (const part of parts.slice(0, -1)) {
      const next: Node = node.folders.get(part) ?? emptyNode();
      node.folders.set(part, next);
      node = next;
    }
    node.files.set(parts.at(-1) as string, entry);
  }
  const result: Omit<NewTree, 'oid'> = { folders: new Map(), changes: [] };
  const write = async (node: Node, path: string, oid: string | undefined): Promise<string> => {
    const tree: Tree = oid === undefined ? new Map() : (await reader.tree(oid)).entries;
    const known = result.changes.length;
    for (const [name, child] of node.folders) {
      const below = `${path}${name}/`;
      tree.set(treeName(name), { mode: '40000', oid: await write(child, below, folderIn(tree, name)) });
    }
    for (const [name, after] of node.files) {
      const before = tree.get(treeName(name)) ?? null;
      if (before?.oid === after.oid && before.mode === after.mode) continue;
      result.changes.push({ path: path + name, before, after });
      tree.set(treeName(name), after);
    }
    const written = oid !== undefined && result.changes.length === known ? oid : await writer.write(tree);
    result.folders.set(path.slice(0, -1), written);
    return written;
  };
  const oid = await write(top, '', root ?? undefined);
  return { oid, ...result };
}
