import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Layout } from '../../store/layout.ts';
import { type CheckResult, type Finding, resultOf } from './check.ts';

type Found = Omit<Finding, 'check'>;

const OTHERS_WRITE = 0o002;
const STICKY = 0o1000;

/** Whether `state/` is a folder of ours in which nobody else writes. */
export function checkStateFolder(layout: Layout, uid: number | undefined = process.getuid?.()): CheckResult {
  const { root } = layout;
  const stat = lstatSync(root, { throwIfNoEntry: false });
  if (!stat) return checkPlace(dirname(root), root);
  if (stat.isSymbolicLink() || !stat.isDirectory())
    return resultOf('state', '', [
      {
        problem: `${root} is ${stat.isSymbolicLink() ? 'a symbolic link' : 'no folder'}, and is not entered`,
        mend: 'let spec.state name the folder itself',
      },
    ]);
  const found: Found[] = [];
  if (uid !== undefined && uid !== 0 && stat.uid !== uid)
    found.push({
      problem: `${root} belongs to user ${stat.uid}, and this is user ${uid}`,
      mend: `run rgov as the user who owns it, or: chown -R ${uid} ${root}`,
    });
  const open = [root, ...foldersIn(root)].filter((path) => mayOthersWrite(lstatSync(path, { throwIfNoEntry: false })));
  if (open.length > 0)
    found.push({
      problem: `everybody on this machine may write to ${open.slice(0, 3).join(', ')}${open.length > 3 ? ` and ${open.length - 3} more` : ''}: anybody can add artifacts, or put others in their place`,
      mend: `chmod -R o-w ${root}`,
    });
  return resultOf('state', `${root}: ours, and nobody else's to write`, found);
}

/** Where there is no state yet, the folder that it is going to be made in. */
function checkPlace(above: string, root: string): CheckResult {
  const stat = lstatSync(above, { throwIfNoEntry: false });
  if (!stat?.isDirectory())
    return resultOf('state', '', [{ problem: `${above} is not there, in which ${root} should lie`, mend: `mkdir -p ${above}` }]);
  return resultOf('state', `${root}: not there yet; the first pass makes it`, []);
}

/** A sticky folder (chmod(1)) keeps others from replacing what is ours, as /tmp does; it does not keep them from adding. */
const mayOthersWrite = (stat: Stats | undefined): boolean =>
  stat !== undefined && !stat.isSymbolicLink() && (stat.mode & OTHERS_WRITE) !== 0 && !(stat.isDirectory() && (stat.mode & STICKY) !== 0);

function foldersIn(root: string): string[] {
  return readdirSync(root, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [join(root, entry.name)] : []));
}
