import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const isRoot = process.getuid?.() === 0;

/** Says why a test does nothing here, where the report of the run shows it. */
export function skipBecause(reason: string): void {
  process.stderr.write(`skipped: ${reason}\n`);
}

export interface Thing {
  name: string;
  /** Makes it at this path. False: not possible here. */
  put(path: string): void | Promise<void>;
  needsRoot?: boolean;
}

const file = (name: string, content: string | Uint8Array): Thing => ({ name, put: (path) => writeFileSync(path, content) });

/** Where links lead: files that nobody may touch. */
export const OUTSIDE = mkdtempSync(join(tmpdir(), 'rgov-outside-'));
writeFileSync(join(OUTSIDE, 'precious'), 'precious');
process.on('exit', () => rmSync(OUTSIDE, { recursive: true, force: true }));

/** What may stand in place of a file that says nothing but the truth. */
export const THINGS: readonly Thing[] = [
  { name: 'a link to a file', put: (path) => symlinkSync(join(OUTSIDE, 'precious'), path) },
  { name: 'a link to a folder', put: (path) => symlinkSync(OUTSIDE, path) },
  { name: 'a dangling link', put: (path) => symlinkSync('/nowhere/at/all', path) },
  { name: 'a link to itself', put: (path) => symlinkSync(path, path) },
  { name: 'a pipe', put: (path) => void execFileSync('mkfifo', [path]) },
  { name: 'a socket', put: leaveSocket },
  { name: 'a device', put: (path) => void execFileSync('mknod', [path, 'c', '1', '5']), needsRoot: true },
  { name: 'a folder', put: (path) => mkdirSync(path) },
  {
    name: 'a folder that is not empty',
    put(path) {
      mkdirSync(join(path, 'inner'), { recursive: true });
      writeFileSync(join(path, 'inner', 'file'), 'x');
    },
  },
  {
    name: 'a sparse file of 100 MB',
    put(path) {
      writeFileSync(path, '{');
      truncateSync(path, 100 * 1024 * 1024);
    },
  },
  file('an empty file', ''),
  file('half of a document', '{"apiVersion": "reporting-governance/v1", "kind": "Rec'),
  file('bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])),
  file('the mark of a UTF-16 file', Buffer.from('\ufeff{"a": 1}', 'utf16le')),
  file('a byte order mark and nothing', Buffer.from([0xef, 0xbb, 0xbf])),
  file('a key that stands twice', '{"specversion": "1.0", "specversion": "1.0"}'),
  file('a key __proto__', '{"__proto__": {"polluted": true}}'),
  file('a key __proto__ in disguise', '{"__pr\\u006fto__": {"polluted": true}}'),
  file('a key constructor', '{"constructor": {"prototype": {"polluted": true}}}'),
  file('a number without end', '{"data": {"n": 1e999}}'),
  file('100,000 brackets', '['.repeat(100_000) + ']'.repeat(100_000)),
  file('100,000 braces', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
  file('a string of NULs', '\u0000'.repeat(1000)),
  file('JSON that is no object', 'null'),
  file('an array', '[1, 2, 3]'),
];

async function leaveSocket(path: string): Promise<void> {
  // A path of a socket has at most 108 bytes, so it is made elsewhere in the same file system.
  const short = join(tmpdir(), `rgov-s-${process.pid}-${process.hrtime.bigint()}`);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(short, resolve));
  execFileSync('mv', [short, path]);
  await new Promise((resolve) => server.close(resolve));
}

/** Every path below a folder, links not followed and nothing opened; what begins with a dot is left out. */
export function namesBelow(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.')) return [];
    return entry.isDirectory() ? [path, ...namesBelow(root, path)] : [path];
  });
}
