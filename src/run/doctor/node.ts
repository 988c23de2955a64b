import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../locate.ts';
import { type CheckResult, resultOf } from './check.ts';

/** Whether this Node is one that the program is made for (`engines` of package.json). */
export function checkNode(version = process.versions.node): CheckResult {
  const wanted = String(JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')).engines.node);
  const isWanted = wanted.split('||').some((range) => isIn(version, range.trim()));
  return resultOf(
    'node',
    `Node ${version}`,
    isWanted
      ? []
      : [
          {
            problem: `this is Node ${version}; the program is made for ${wanted}, and nobody has tried it on another`,
            mend: `install Node ${wanted}, and name its path where rgov is started: cron and systemd do not ask your shell`,
          },
        ],
  );
}

/** The two forms that `engines` uses here (npm, package.json): `^20.19.0` stays within a major, `>=22.12.0` does not. */
function isIn(version: string, range: string): boolean {
  const [, operator, ...wanted] = /^(\^|>=)(\d+)\.(\d+)(?:\.0)?$/.exec(range) ?? [];
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.map(Number);
  if (operator === undefined) throw new Error(`engines.node says ${range}, which is not understood here`);
  if (major === wantedMajor) return minor >= wantedMinor;
  return operator === '>=' && major > wantedMajor;
}
