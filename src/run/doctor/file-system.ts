import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, lstatSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isErrno, messageOf } from '../../model/errors.ts';
import { type CheckResult, type Finding, resultOf } from './check.ts';

type Found = Omit<Finding, 'check'>;

/** Calls that the trial makes; a test puts in the place of one what a worse file system would do. */
export interface TrialCalls {
  open(path: string, flags: string): number;
  link(from: string, to: string): void;
  rename(from: string, to: string): void;
  fsync(descriptor: number): void;
  /** As statfs(2) says it in `f_type`. */
  typeOf(path: string): number;
}

const REAL: TrialCalls = {
  open: (path, flags) => openSync(path, flags, 0o600),
  link: linkSync,
  rename: renameSync,
  fsync: fsyncSync,
  typeOf: (path) => statfsSync(path).type,
};

/** Names and what is to be known of them, by `f_type` (statfs(2), and linux/magic.h). */
const TYPES: Record<number, { name: string; isGoneAtReboot?: true; isRemote?: true }> = {
  61267: { name: 'ext4' },
  1481003842: { name: 'xfs' },
  2435016766: { name: 'btrfs' },
  4076150800: { name: 'f2fs' },
  801189825: { name: 'zfs' },
  16914836: { name: 'tmpfs', isGoneAtReboot: true },
  2240043254: { name: 'ramfs', isGoneAtReboot: true },
  2035054128: { name: 'overlayfs' },
  26985: { name: 'nfs', isRemote: true },
  4283649346: { name: 'cifs', isRemote: true },
  4266872130: { name: 'smb2', isRemote: true },
  16914839: { name: '9p', isRemote: true },
  1702057286: { name: 'fuse', isRemote: true },
  12805120: { name: 'ceph', isRemote: true },
};

const MOVE = 'let spec.state of the binding name a folder on a local disk (ext4, xfs, btrfs, zfs), or mount one there';

/** Tries on the spot what every artifact depends on: exclusive creation, hard links, rename, and fsync of files and folders. */
export function checkFileSystem(folder: string, calls: TrialCalls = REAL): CheckResult {
  const type = TYPES[calls.typeOf(folder) >>> 0];
  const found: Found[] = [];
  if (type?.isGoneAtReboot)
    found.push({
      problem: `${folder} lies on ${type.name}, which is memory: everything recorded there is gone after a reboot, also what was acknowledged`,
      mend: MOVE,
    });
  const trial = join(folder, `.rgov-doctor-${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    mkdirSync(trial, { mode: 0o700 });
  } catch (error) {
    return resultOf('file-system', '', [...found, { problem: `nothing can be made in ${folder}: ${why(error)}`, mend: `ls -ld ${folder}` }]);
  }
  try {
    found.push(...trials(trial, calls));
  } finally {
    rmSync(trial, { recursive: true, force: true });
  }
  const remote = type?.isRemote ? '; it is no local disk: a sync there is worth what its server makes of it' : '';
  return resultOf('file-system', `${type?.name ?? 'of an unknown kind'}: exclusive create, hard links, rename and fsync work${remote}`, found);
}

function trials(folder: string, calls: TrialCalls): Found[] {
  const file = join(folder, 'a');
  const found: Found[] = [];
  const tryOut = (work: () => string | null, whatFollows: string): void => {
    let problem: string | null;
    try {
      problem = work();
    } catch (error) {
      problem = why(error);
    }
    if (problem !== null) found.push({ problem: `${whatFollows} (${problem})`, mend: MOVE });
  };
  tryOut(() => {
    const descriptor = calls.open(file, 'wx');
    try {
      writeSync(descriptor, 'trial');
      calls.fsync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    return null;
  }, 'a file cannot be written and synced, so that nothing can be promised to last');
  tryOut(() => {
    try {
      closeSync(calls.open(file, 'wx'));
    } catch (error) {
      return isErrno(error, 'EEXIST') ? null : why(error);
    }
    return 'the second one succeeded';
  }, 'creating a file that is there does not fail, so that two processes could send the same notice');
  tryOut(() => {
    calls.link(file, join(folder, 'b'));
    return lstatSync(join(folder, 'b')).nlink === 2 ? null : 'the file has one name only';
  }, 'there are no hard links, by which artifacts get their names');
  tryOut(() => {
    try {
      calls.link(file, join(folder, 'b'));
    } catch (error) {
      return isErrno(error, 'EEXIST') ? null : why(error);
    }
    return 'the second one succeeded';
  }, 'linking over a name that is taken does not fail, so that an artifact could be replaced');
  tryOut(() => {
    calls.rename(join(folder, 'b'), join(folder, 'c'));
    return readdirSync(folder).join(' ') === 'a c' ? null : `it left ${readdirSync(folder).join(' ')}`;
  }, 'files cannot be renamed');
  tryOut(() => {
    const descriptor = calls.open(folder, 'r');
    try {
      calls.fsync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    return null;
  }, 'a folder cannot be synced, so that a power cut could take back the name of what was acknowledged');
  return found;
}

const why = (error: unknown): string => (isErrno(error) ? String(error.code) : messageOf(error));
