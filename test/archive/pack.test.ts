import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/model/hash.ts';
import { archiveDay } from '../../src/store/archive/day.ts';
import { packArchive } from '../../src/store/archive/pack.ts';
import { archivePath, isArchived, openArchive, parseArchive } from '../../src/store/archive.ts';
import { sealName } from '../../src/store/seals.ts';
import { DAY, filesOf, SealedState } from './sealed-state.ts';

const states: SealedState[] = [];
function state(): SealedState {
  const made = new SealedState();
  states.push(made);
  return made;
}
afterEach(() => {
  for (const made of states.splice(0)) made.remove();
});

const archived = async (here: SealedState, lines: ReturnType<SealedState['addDay']>): Promise<Buffer> => {
  expect(await archiveDay(here.layout, DAY, lines)).toMatchObject({ outcome: 'archived', faults: [], removed: { files: lines.length } });
  return readFileSync(archivePath(here.layout, DAY));
};

describe('the same day is the same archive', () => {
  it('made twice, with files written in another order, with other times and modes', async () => {
    const [first, second] = [state(), state()];
    const bytes = await archived(first, first.addDay(DAY, 20));
    second.write(new Map([...filesOf(DAY, 20)].reverse()));
    second.disturb(DAY);
    expect(await archived(second, second.seal(DAY))).toEqual(bytes);
  });

  // These bytes are a promise: a new version of what packs or compresses may not change them unseen.
  it('on every machine, with every Node', async () => {
    const here = state();
    const lines = here.addDay(DAY, 8);
    expect(sha256(await archived(here, lines))).toBe('bc837fca3fe080f102d028421cb841eb0e40c8e7a5f42ae3732822dc87a59450');
  });
});

describe('what is packed comes back', () => {
  it('as it was, by path, as views of one buffer', async () => {
    const here = state();
    const files = filesOf(DAY, 20);
    await archived(here, here.addDay(DAY, 20));
    const open = openArchive(here.layout, DAY);
    expect([...(open ?? [])].map(([path, bytes]) => [path, Buffer.from(bytes).toString()])).toEqual([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
    expect(new Set([...(open?.values() ?? [])].map(({ buffer }) => buffer)).size).toBe(1);
    expect([...files.keys()].some((path) => path.length > 200)).toBe(true);
    expect(here.loose(DAY)).toEqual([]);
    expect(isArchived(here.layout, DAY)).toBe(true);
    expect(openArchive(here.layout, '2026-11-19')).toBeNull();
  });

  it('whatever the bytes and however long the names are', async () => {
    const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,180}$/);
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 2000 }),
      fc.constantFrom(0, 1, 511, 512, 513, 70_000).map((size) => new Uint8Array(size).fill(97)),
    );
    const stage = fc.constantFrom('decisions', 'events', 'handoffs', 'queue', 'receipts');
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          fc.tuple(stage, name).map(([a, b]) => `${a}/${DAY}/${b}`),
          bytes,
          { maxKeys: 12 },
        ),
        async (files) => {
          const entries = Object.keys(files)
            .sort()
            .map((path) => ({ path, bytes: files[path] as Uint8Array }));
          const read = parseArchive(await packArchive(DAY, entries), DAY);
          if (read.kind !== 'ok') throw new Error(read.detail);
          expect([...read.files.keys()]).toEqual(entries.map(({ path }) => path));
          for (const { path, bytes: packed } of entries) expect(Buffer.compare(read.files.get(path) as Uint8Array, packed)).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('of a day that nothing happened on', async () => {
    expect(parseArchive(await packArchive(DAY, []), DAY)).toMatchObject({ kind: 'ok', files: new Map() });
  });
});

describe('standard tools', () => {
  it('list it in the order of the seal, extract it, and check it against the seal', async () => {
    const here = state();
    const lines = here.addDay(DAY, 20);
    await archived(here, lines);
    const path = archivePath(here.layout, DAY);
    expect(execFileSync('tar', ['-tzf', path], { encoding: 'utf8' }).trim().split('\n')).toEqual(lines.map((line) => line.path));
    expect(execFileSync('gzip', ['-t', '-v', path], { encoding: 'utf8', stdio: 'pipe' })).toBe('');
    const folder = mkdtempSync(join(tmpdir(), 'rgov-untar-'));
    try {
      execFileSync('tar', ['-xzf', path, '-C', folder]);
      mkdirSync(join(folder, 'seals'));
      writeFileSync(join(folder, sealName(DAY)), readFileSync(here.at(sealName(DAY))));
      const checked = spawnSync('sha256sum', ['-c', '--quiet', sealName(DAY)], { cwd: folder, encoding: 'utf8' });
      expect(checked).toMatchObject({ status: 0, stdout: '', stderr: '' });
      const stat = statSync(join(folder, lines[0]?.path as string));
      expect(stat.mtime.toISOString()).toBe('2026-11-20T23:59:59.000Z');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('show nobody as owner, and mode 0644', async () => {
    const here = state();
    await archived(here, here.addDay(DAY, 4));
    const listed = execFileSync('tar', ['--numeric-owner', '-tvzf', archivePath(here.layout, DAY)], {
      encoding: 'utf8',
      env: { ...process.env, TZ: 'UTC' },
    });
    for (const line of listed.trim().split('\n')) expect(line).toMatch(/^-rw-r--r-- 0\/0 +\d+ 2026-11-20 23:59 /);
    expect(readFileSync(archivePath(here.layout, DAY)).subarray(0, 8)).toEqual(Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]));
  });

  it('and Python too', async (context) => {
    if (spawnSync('python3', ['-c', '']).status !== 0) return context.skip('there is no python3');
    const here = state();
    const lines = here.addDay(DAY, 8);
    await archived(here, lines);
    const code =
      'import tarfile,sys,hashlib\nfor m in (t:=tarfile.open(sys.argv[1])): print(hashlib.sha256(t.extractfile(m).read()).hexdigest(), "", m.name)';
    expect(execFileSync('python3', ['-c', code, archivePath(here.layout, DAY)], { encoding: 'utf8' })).toBe(
      lines.map(({ sha256: hash, path }) => `${hash}  ${path}\n`).join(''),
    );
  });
});

it('a day of 1,000 notices, 5,000 artifacts', async () => {
  const here = state();
  const lines = here.addDay(DAY, 1000);
  const started_ms = performance.now();
  const { archive, removed } = await archiveDay(here.layout, DAY, lines);
  const packed_ms = performance.now() - started_ms;
  expect(removed.files).toBe(5000);
  expect(openArchive(here.layout, DAY)?.size).toBe(5000);
  const opened_ms = performance.now() - started_ms - packed_ms;
  console.log(
    `5,000 artifacts, ${removed.bytes} bytes: archived in ${Math.round(packed_ms)} ms to ${archive?.bytes} bytes, opened in ${Math.round(opened_ms)} ms`,
  );
});
