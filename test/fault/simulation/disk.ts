import { type Inode, isArtifact, type Kind, type Op, setEntry, whatIsLeft } from './inode.ts';
import type { Random } from './random.ts';

/**
 * How names come to the disk. `journal`: in the order of the changes, so that each sync brings all earlier ones with it (ext4,
 * xfs). `alone`: each folder for itself, and of what was not synced any part (all that POSIX promises; btrfs and f2fs).
 */
export type Order = 'journal' | 'alone';

/** What a power cut leaves of names that were not synced. */
type Survival = 'nothing' | 'everything' | 'what came first' | 'any of it';

/** Names that wait longer than this have come to the disk by themselves: journals are committed every few seconds. */
const MOST_PENDING = 48;
/** Clocks of file systems tick as slowly as the kernel's timer. */
const TICK_MS = 4;
const NOTHING = Buffer.alloc(0);

/** Told of what no program may do to an artifact. */
export type Offence = (what: 'removed' | 'replaced' | 'written to', path: string) => void;

/**
 * A file system in memory that knows what would survive a power cut: bytes that were synced, under names whose folder was
 * synced, and by chance any part of the rest. Paths are absolute and without `.` and `..`.
 */
export class Disk {
  readonly root: Inode;
  readonly #now: () => number;
  readonly #isWriteOnce: (path: string) => boolean;
  readonly #offence: Offence;
  #folders = new Map<string, Inode>();
  #seq = 0;
  /** Folders whose names are not all durable. */
  readonly #waiting = new Set<Inode>();
  /** Goes up whenever an artifact appears or goes away. */
  artifactChanges = 0;
  #inodes = 0;
  readonly #dirty = new Set<Inode>();
  readonly order: Order;
  /** Names of artifacts that a power cut has taken back. */
  readonly lost = new Set<string>();

  constructor(order: Order, now: () => number, isWriteOnce: (path: string) => boolean, offence: Offence) {
    this.order = order;
    this.#now = now;
    this.#isWriteOnce = isWriteOnce;
    this.#offence = offence;
    this.root = this.#inode('folder', 0o755);
    this.root.nlink = 1;
  }

  /** The folder of that path; null if it is not there or no folder. Symbolic links on the way are not followed. */
  folder(path: string): Inode | null {
    const known = this.#folders.get(path);
    if (known) return known;
    if (path === '' || path === '/') return this.root;
    const above = this.folder(parentOf(path));
    const found = above?.entries.get(nameOf(path));
    if (found?.kind !== 'folder') return null;
    this.#folders.set(path, found);
    return found;
  }

  find(path: string): Inode | null {
    if (path === '' || path === '/') return this.root;
    return this.folder(parentOf(path))?.entries.get(nameOf(path)) ?? null;
  }

  /** Whether a file would be there with all its bytes after a power cut at this moment, whatever else gets lost. */
  isDurable(path: string): boolean {
    let at: Inode | undefined = this.root;
    for (const name of path.split('/').filter(Boolean)) {
      at = at.durableEntries.get(name);
      if (!at) return false;
    }
    return at.kind !== 'file' || at.durableBytes.equals(at.bytes);
  }

  create(kind: Kind, path: string, mode: number): Inode {
    const made = this.#inode(kind, mode);
    const folder = this.folder(parentOf(path)) as Inode;
    if (kind === 'folder') made.isWriteOnce = this.#isWriteOnce(path);
    this.#rename([{ folder, name: nameOf(path), inode: made }]);
    return made;
  }

  link(inode: Inode, path: string): void {
    this.#rename([{ folder: this.folder(parentOf(path)) as Inode, name: nameOf(path), inode }]);
    inode.ctime_ms = this.#tick();
  }

  unlink(path: string): void {
    const folder = this.folder(parentOf(path)) as Inode;
    if (isArtifact(folder, nameOf(path))) this.#offence('removed', path);
    this.#rename([{ folder, name: nameOf(path), inode: null }]);
  }

  rename(from: string, to: string): void {
    const source = this.folder(parentOf(from)) as Inode;
    const target = this.folder(parentOf(to)) as Inode;
    const inode = source.entries.get(nameOf(from)) as Inode;
    if (isArtifact(target, nameOf(to))) this.#offence('replaced', to);
    this.#rename([
      { folder: source, name: nameOf(from), inode: null },
      { folder: target, name: nameOf(to), inode },
    ]);
    if (inode.kind === 'folder') this.#folders = new Map();
  }

  write(inode: Inode, bytes: Buffer, position: number | null): void {
    const at = position ?? inode.bytes.length;
    if (inode.isWriteOnce) this.#offence('written to', bytes.toString().slice(0, 60));
    const before = inode.bytes;
    if (at === before.length) inode.bytes = before.length === 0 ? Buffer.from(bytes) : Buffer.concat([before, bytes]);
    else {
      inode.bytes = Buffer.alloc(Math.max(before.length, at + bytes.length));
      before.copy(inode.bytes);
      bytes.copy(inode.bytes, at);
    }
    this.#dirty.add(inode);
    inode.isLost = false;
    inode.mtime_ms = inode.ctime_ms = this.#tick();
  }

  truncate(inode: Inode): void {
    if (inode.isWriteOnce && inode.bytes.length > 0) this.#offence('written to', inode.bytes.toString().slice(0, 60));
    inode.bytes = NOTHING;
    this.#dirty.add(inode);
    inode.mtime_ms = inode.ctime_ms = this.#tick();
  }

  touch(inode: Inode, mtime_ms: number | null): void {
    inode.ctime_ms = this.#tick();
    if (mtime_ms !== null) inode.mtime_ms = mtime_ms;
  }

  sync(inode: Inode): void {
    if (inode.kind === 'folder') this.#syncNames(inode);
    else if (!inode.isLost) {
      inode.durableBytes = inode.bytes;
      this.#dirty.delete(inode);
    }
  }

  #syncNames(folder: Inode): void {
    const last = folder.pending[folder.pending.length - 1];
    if (last === undefined) return;
    this.#commit(this.order === 'alone' ? folder.pending : this.#inOrder().filter(({ seq }) => seq <= last.seq));
  }

  /** Everything that waits to come to the disk, in the order in which it was done. */
  #inOrder(): Op[] {
    const ops = new Map<number, Op>();
    for (const folder of this.#waiting) for (const op of folder.pending) ops.set(op.seq, op);
    return [...ops.values()].sort((a, b) => a.seq - b.seq);
  }

  /** A sync that fails, and after which the next one says that all is well. */
  failSync(inode: Inode): void {
    if (inode.kind === 'file' && this.#dirty.has(inode)) inode.isLost = true;
  }

  /** Everything that is there is durable: the state in which a schedule begins. */
  settle(folder: Inode = this.root): void {
    this.#commit([...folder.pending]);
    for (const inode of folder.entries.values()) {
      if (inode.kind === 'folder') this.settle(inode);
      else this.sync(inode);
    }
  }

  /** Returns how many changes of names were lost. */
  cutPower(random: Random): number {
    const inOrder = this.#inOrder();
    const survival = random.pick<Survival>(['nothing', 'everything', 'what came first', this.order === 'alone' ? 'any of it' : 'what came first']);
    const first = random.below(inOrder.length + 1);
    const kept = inOrder.filter((_, i) => {
      if (survival === 'any of it') return random.chance(0.5);
      return survival === 'everything' || (survival === 'what came first' && i < first);
    });
    for (const { changes } of kept) for (const change of changes) setEntry(change.folder.durableEntries, change);
    const isKept = new Set(kept);
    for (const op of inOrder)
      if (!isKept.has(op)) for (const change of op.changes) if (isArtifact(change.folder, change.name)) this.lost.add(change.name);
    for (const folder of this.#waiting) {
      folder.pending = [];
      folder.entries = new Map(folder.durableEntries);
    }
    this.#waiting.clear();
    for (const inode of this.#dirty) inode.durableBytes = whatIsLeft(inode, random);
    for (const inode of this.#dirty) inode.bytes = inode.durableBytes;
    this.#dirty.clear();
    this.#folders = new Map();
    return inOrder.length - kept.length;
  }

  #inode(kind: Kind, mode: number): Inode {
    const now_ms = this.#tick();
    return {
      ino: ++this.#inodes,
      kind,
      mode,
      mtime_ms: now_ms,
      ctime_ms: now_ms,
      nlink: 0,
      bytes: NOTHING,
      durableBytes: NOTHING,
      isLost: false,
      target: '',
      entries: new Map(),
      durableEntries: new Map(),
      pending: [],
      isWriteOnce: false,
    };
  }

  #tick(): number {
    return Math.floor(this.#now() / TICK_MS) * TICK_MS;
  }

  #rename(changes: Op['changes']): void {
    const op: Op = { seq: ++this.#seq, changes };
    for (const change of changes) {
      const { folder, name, inode } = change;
      const before = folder.entries.get(name);
      if (before) before.nlink--;
      if (inode) inode.nlink++;
      setEntry(folder.entries, change);
      if (isArtifact(folder, name)) this.artifactChanges++;
      if (inode?.kind === 'file') inode.isWriteOnce ||= isArtifact(folder, name);
      folder.mtime_ms = folder.ctime_ms = this.#tick();
      if (folder.pending[folder.pending.length - 1] !== op) folder.pending.push(op);
      this.#waiting.add(folder);
      if (folder.pending.length > MOST_PENDING) this.#commitOldest(folder);
    }
  }

  #commitOldest({ pending }: Inode): void {
    const last = pending[MOST_PENDING / 2] as Op;
    this.#commit(this.order === 'alone' ? pending.slice(0, MOST_PENDING / 2) : this.#inOrder().filter(({ seq }) => seq <= last.seq));
  }

  #commit(ops: readonly Op[]): void {
    for (const op of [...ops]) {
      for (const change of op.changes) {
        const { folder, name } = change;
        // What happened to the same name before this comes before it on the disk, too.
        const earlier = folder.pending.filter(
          ({ seq, changes }) => seq < op.seq && changes.some((other) => other.folder === folder && other.name === name),
        );
        if (earlier.length > 0) this.#commit(earlier);
        setEntry(folder.durableEntries, change);
        const at = folder.pending.indexOf(op);
        if (at >= 0) folder.pending.splice(at, 1);
        if (folder.pending.length === 0) this.#waiting.delete(folder);
      }
    }
  }
}

export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
