import { spawnSync } from 'node:child_process';

const INSTALLER = 'apt-get';
const LIMIT_MS = 3 * 60_000;

const found = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** Null if the program of a Debian package of the same name is here now, installed if need be; otherwise why it is not. */
export function whyNoPackage(name: string): string | null {
  if (found(name)) return null;
  if (process.getuid?.() !== 0) return `there is no ${name} here, and only root may install it`;
  if (!found(INSTALLER)) return `there is no ${name} here, and no ${INSTALLER} to install it with`;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', name]]) {
    // Another test may be installing something just now.
    const { status, stderr } = spawnSync(INSTALLER, ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...args], { env, encoding: 'utf8', timeout: LIMIT_MS });
    if (status !== 0) return `${name} cannot be installed: ${INSTALLER} ${args[0]}: ${stderr.trim().split('\n').at(-1) || 'it takes too long'}`;
  }
  return found(name) ? null : `the package ${name} holds no ${name}`;
}
