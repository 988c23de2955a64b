import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { randomFrom } from '../../bridge/drain.ts';
import { FaultyProgram, type Patch } from '../../bridge/faulty-program.ts';
import { SmallDisk } from '../../support/small-disk.ts';
import { LoopDisk, whyNoDisk } from '../power-cuts/loop-disk.ts';
import { keepFigures } from '../support/figures.ts';
import { type Filled, fillAndFree } from './stage.ts';

const LIMIT_MS = 600_000;
const TIMES = 3;
const seed = Number(process.env['RGOV_TEST_SEED'] ?? Date.now() % 1_000_000);
const missing = whyNoDisk('ext4');
const filled: Filled[] = [];

interface Disk {
  path: string;
  remove(): void;
}

/** Without the blocks that only root may use: the tests run as root. */
const ext4 = (...makeOptions: string[]): Disk =>
  new LoopDisk({ fileSystem: 'ext4', mountOptions: '', makeOptions: ['-m', '0', '-b', '1024', ...makeOptions], size_mb: 24 });

function tmpfs(options: string): Disk {
  const folder = mkdtempSync(join(tmpdir(), 'rgov-disk-'));
  const path = join(folder, 'mounted');
  const disk = SmallDisk.mount(path, options);
  if (disk === null) throw new Error('no tmpfs can be mounted here');
  return {
    path,
    remove() {
      disk.unmount();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const CASES: { name: string; disk: () => Disk; what: 'blocks' | 'inodes'; deliverer: 'watch' | 'reconcile' }[] = [
  { name: 'ext4 without blocks, under watch', disk: () => ext4(), what: 'blocks', deliverer: 'watch' },
  { name: 'ext4 without inodes, under watch', disk: () => ext4('-N', '8000'), what: 'inodes', deliverer: 'watch' },
  { name: 'ext4 without blocks, with reconcile', disk: () => ext4(), what: 'blocks', deliverer: 'reconcile' },
  { name: 'tmpfs without blocks, with reconcile', disk: () => tmpfs('size=24m'), what: 'blocks', deliverer: 'reconcile' },
  { name: 'tmpfs without inodes, under watch', disk: () => tmpfs('size=64m,nr_inodes=8000'), what: 'inodes', deliverer: 'watch' },
];

if (missing !== null) process.stderr.write(`skipped: ${missing}\n`);

describe.skipIf(missing !== null)('a disk that fills up while everybody is at work', () => {
  it.each(CASES)(
    '$name',
    async ({ disk: make, what, deliverer }) => {
      const disk = make();
      try {
        const result = await fillAndFree({ disk: disk.path, what, deliverer, times: TIMES, random: randomFrom(seed + filled.length) });
        console.log(JSON.stringify(result));
        filled.push(result);
        expect(result.wrong, `RGOV_TEST_SEED=${seed}`).toEqual([]);
        expect(Math.min(result.refused, result.told.events), 'it is no proof if nothing was refused, or nothing told').toBeGreaterThan(0);
      } finally {
        disk.remove();
      }
    },
    LIMIT_MS,
  );
});

it.skipIf(missing !== null)('some receipts were told of while a disk was full now and then', () => {
  expect(filled.reduce((sum, { told }) => sum + told.receipts, 0)).toBeGreaterThan(0);
});

/** The checks must notice a program that says it has written what found no room. */
const DEAF: readonly Patch[] = [
  {
    file: 'src/store/files.ts',
    replace: 'const written = io.writeSync(descriptor, bytes, offset, bytes.length - offset);',
    by: `let written = bytes.length - offset;
    try {
      written = io.writeSync(descriptor, bytes, offset, bytes.length - offset);
    } catch {}`,
  },
];
let isNoticed = false;

it.skipIf(missing !== null)(
  'the harness fails where an error of a write is passed over',
  async () => {
    const faulty = new FaultyProgram(DEAF);
    const disk = ext4();
    try {
      const { wrong } = await fillAndFree({
        disk: disk.path,
        what: 'blocks',
        deliverer: 'reconcile',
        times: 2 * TIMES,
        random: randomFrom(seed),
        program: faulty.path,
      });
      console.log([...new Set(wrong.map(({ check }) => check))].join('; '));
      isNoticed = wrong.length > 0;
      expect(isNoticed, `RGOV_TEST_SEED=${seed}`).toBe(true);
    } finally {
      disk.remove();
      faulty.remove();
    }
  },
  LIMIT_MS,
);

afterAll(() => {
  const sum = (count: (result: Filled) => number): number => filled.reduce((total, result) => total + count(result), 0);
  keepFigures('full-disk', {
    title: 'A disk that fills up and is freed again',
    about:
      'Emitters, drops and `rgov watch` or `rgov reconcile` work on a small disk (ext4 in a loop-mounted file, tmpfs) that something else fills to the last block or the last inode, and frees again after a while. Who is refused gets exit code 4 and says the same once more, until it is accepted. In the end everything that was accepted must be recorded, decided and delivered without anybody doing anything.',
    command: 'npx vitest run --config vitest.fault.config.ts test/fault/full-disk',
    rows: [
      { what: 'times that a disk was full, of blocks or of inodes', value: filled.length * TIMES },
      { what: 'runs that were refused with exit code 4', value: sum(({ refused }) => refused) },
      { what: 'drops that found no room', value: sum(({ dropsRefused }) => dropsRefused) },
      { what: 'events that were accepted', value: sum(({ told }) => told.events + told.drops) },
      { what: 'receipts that were reported', value: sum(({ told }) => told.receipts) },
      { what: 'attempts whose outcome found no room, recorded as indeterminate', value: sum(({ indeterminate }) => indeterminate) },
      { what: 'accepted and lost, delivered without a record, or left undone', value: sum(({ wrong }) => wrong.length) },
      { what: 'planted: an error of a write is passed over', value: isNoticed ? 'noticed' : 'not noticed' },
    ],
    skipped: missing,
  });
});
