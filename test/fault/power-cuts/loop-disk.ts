import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRoot } from '../../support/hostile-things.ts';

/** How a disk is made and mounted. */
export interface DiskKind {
  fileSystem: 'ext4' | 'xfs';
  /** As in ext4(5) and xfs(5); empty for the defaults. */
  mountOptions: string;
  /** Of mkfs, beyond the defaults. */
  makeOptions?: readonly string[];
  size_mb: number;
}

/**
 * `_IOR('X', 125, __u32)`, in ext4 EXT4_IOC_SHUTDOWN and in xfs XFS_IOC_GOINGDOWN, with flag 2: the file system stops at once and does
 * not even flush its log (fs/ext4/ext4.h, fs/xfs/libxfs/xfs_fs.h). What was not synced is gone at the next mount, as after a power cut.
 * The helper opens the mount point beforehand, so that nothing but the one call lies between the word and the cut.
 */
const CUTTER = `$| = 1; open(D, "<", $ARGV[0]) or die "open: $!\\n"; my $flag = pack("L", 2); print "ready\\n";
my $word = <STDIN>; exit 0 unless defined $word; ioctl(D, 0x8004587d, $flag) or die "ioctl: $!\\n"; print "cut\\n";`;

/** A file system of its own in a file, whose power can be cut. Only root can make one. */
export class LoopDisk {
  /** Where it is mounted. */
  readonly path: string;
  readonly #folder: string;
  #image: string;
  #copies = 0;
  readonly #kind: DiskKind;
  readonly #lastResort = (): void => this.remove();
  #cutter: ChildProcess | undefined;
  #isMounted = false;

  constructor(kind: DiskKind) {
    this.#kind = kind;
    this.#folder = mkdtempSync(join(tmpdir(), 'rgov-disk-'));
    this.#image = join(this.#folder, 'image');
    this.path = join(this.#folder, 'mounted');
    process.on('exit', this.#lastResort);
    try {
      mkdirSync(this.path);
      writeFileSync(this.#image, '');
      truncateSync(this.#image, kind.size_mb * 1024 * 1024);
      execFileSync(`mkfs.${kind.fileSystem}`, ['-q', ...(kind.makeOptions ?? []), this.#image], { stdio: ['ignore', 'ignore', 'pipe'] });
      this.#mount();
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /**
   * After a cut: what has reached the disk, with its log recovered. It is a copy that is mounted: other processes may have mount
   * namespaces of their own, made while the disk was mounted, in which the dead file system goes on to exist; then mounting
   * the same file would give that one back.
   */
  recover(): void {
    this.#unmount();
    const copy = join(this.#folder, `image-${++this.#copies}`);
    execFileSync('cp', ['--sparse=always', this.#image, copy]);
    rmSync(this.#image);
    this.#image = copy;
    this.#mount();
  }

  /** Everything written so far is on the disk. */
  sync(): void {
    execFileSync('sync', ['-f', this.path]);
  }

  /** From now on `cut` takes no longer than one system call. */
  async arm(): Promise<void> {
    const cutter = spawn('perl', ['-e', CUTTER, this.path], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#cutter = cutter;
    await once(cutter.stdout, 'data');
  }

  /** Every call on it fails from now on; what was not synced is lost. */
  async cut(): Promise<void> {
    const cutter = this.#cutter;
    if (!cutter) throw new Error('arm it first');
    this.#cutter = undefined;
    const ended = once(cutter, 'close');
    cutter.stdin?.end('now\n');
    const [code] = await ended;
    if (code !== 0) throw new Error('the power could not be cut');
  }

  /** At any time, also twice. */
  remove(): void {
    process.off('exit', this.#lastResort);
    this.#cutter?.kill('SIGKILL');
    // Whatever still works on it keeps it only until it ends.
    this.#unmount();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #mount(): void {
    // What was copied has the same UUID as what somebody may still have mounted.
    const options = ['loop', ...(this.#kind.fileSystem === 'xfs' ? ['nouuid'] : []), this.#kind.mountOptions];
    execFileSync('mount', ['-o', options.filter(Boolean).join(','), this.#image, this.path], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#isMounted = true;
  }

  #unmount(): void {
    if (this.#isMounted) spawnSync('umount', ['-l', this.path]);
    this.#isMounted = false;
  }
}

/** Why no such disk can be made here; null if it can. */
export function whyNoDisk(...fileSystems: readonly DiskKind['fileSystem'][]): string | null {
  if (!isRoot) return 'only root can mount a disk of its own';
  for (const program of ['mount', 'perl', ...fileSystems.map((name) => `mkfs.${name}`)]) {
    if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0)
      return `there is no ${program} here (Debian: apt-get install e2fsprogs xfsprogs perl mount)`;
  }
  if (!existsSync('/dev/loop-control')) return 'there are no loop devices here';
  try {
    for (const fileSystem of fileSystems) new LoopDisk({ fileSystem, mountOptions: '', size_mb: fileSystem === 'xfs' ? 320 : 16 }).remove();
    return null;
  } catch (error) {
    return `a disk in a file cannot be mounted here: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
  }
}
