import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomFrom } from '../../bridge/drain.ts';
import { FaultyProgram } from '../../bridge/faulty-program.ts';
import { keepFigures } from '../support/figures.ts';
import { ECHOES, echoed, HELD_FOLDERS } from './echoes.ts';
import { type Lived, live } from './life.ts';
import { type DiskKind, LoopDisk, whyNoDisk } from './loop-disk.ts';
import { PLANTED } from './planted.ts';

const LIMIT_MS = 600_000;
/** xfs takes no less than 300. */
const SIZE_MB = 320;
const CUTS_A_LIFE = 15;
const CUTS_OF_A_FAULT = 30;
const KINDS: readonly (Omit<DiskKind, 'size_mb'> & { lives: number })[] = [
  { fileSystem: 'ext4', mountOptions: '', lives: 1 },
  { fileSystem: 'ext4', mountOptions: 'data=writeback', lives: 1 },
  { fileSystem: 'ext4', mountOptions: 'nodelalloc', lives: 1 },
  { fileSystem: 'xfs', mountOptions: '', lives: 2 },
];
const seed = Number(process.env['RGOV_TEST_SEED'] ?? Date.now() % 1_000_000);
/** How often the whole of it is done; below 1 for a quick look. */
const SCALE = Number(process.env['RGOV_FAULT_SCALE'] ?? 1);
const missing = whyNoDisk('ext4', 'xfs');
const lived: (Lived & { fileSystem: string })[] = [];
const noticed: string[] = [];
let echoes = 0;

async function liveOn(
  kind: Omit<DiskKind, 'size_mb'>,
  cuts: number,
  parts: { program?: string; isQuiet?: boolean; only?: 'archiver' } = {},
): Promise<Lived> {
  const disk = new LoopDisk({ ...kind, size_mb: SIZE_MB });
  try {
    return await live({ disk, cuts, random: randomFrom(seed + lived.length), ...parts });
  } finally {
    disk.remove();
  }
}

afterAll(() => {
  const sum = (count: (life: Lived) => number, fileSystem?: string): number =>
    lived.filter((life) => fileSystem === undefined || life.fileSystem === fileSystem).reduce((total, life) => total + count(life), 0);
  keepFigures('power-cuts', {
    title: 'Power cuts',
    about:
      'Emitters (`rgov report`, `rgov ingest`, drops), `rgov watch` or `rgov reconcile` delivering to a receiver and sealing days that are over, `rgov archive`, and humans who acknowledge are at work in a workspace on a disk of its own (ext4 and xfs in a loop-mounted file). At a seeded random moment, half of the times right after something was said to be durable, the shutdown ioctl with flag 2 stops the file system without flushing its log: what was not synced is gone. Then the disk is mounted again, which recovers the log, and everything that any program had said to be durable is looked for, byte for byte, also in archives, with tar alone; then a pass must run to its end, and `rgov verify --deep` find nothing.',
    command: 'npx vitest run --config vitest.fault.config.ts test/fault/power-cuts',
    rows: [
      { what: 'power cuts on ext4 (defaults, `data=writeback`, `nodelalloc`)', value: sum(({ cuts }) => cuts, 'ext4') },
      { what: 'power cuts on xfs', value: sum(({ cuts }) => cuts, 'xfs') },
      { what: 'programs that a cut hit while they were at work', value: sum(({ cutOff }) => cutOff) },
      { what: 'events whose emitter was told that they are durable', value: sum(({ told }) => told.events) },
      { what: 'files that a program had dropped and synced', value: sum(({ told }) => told.drops) },
      { what: 'receipts that a pass had reported', value: sum(({ told }) => told.receipts) },
      { what: 'acknowledgements of humans that were confirmed to them', value: sum(({ told }) => told.acknowledgements) },
      { what: 'of all these, lost or altered', value: sum(({ wrong }) => wrong.length) },
      { what: 'seals that were made between the cuts', value: sum(({ seals }) => seals) },
      { what: 'days that were packed into archives', value: sum(({ archives }) => archives) },
      { what: 'requests that the receiver got', value: sum(({ requests }) => requests) },
      { what: 'attempts that a cut left without an outcome, recorded as indeterminate', value: sum(({ indeterminate }) => indeterminate) },
      { what: 'facts told a second time while the first telling was not durable yet, lost', value: `0 of ${echoes}` },
      ...PLANTED.map(({ name }) => ({
        what: `planted: ${name}`,
        value: noticed.find((text) => text.startsWith(name))?.slice(name.length + 2) ?? 'not noticed',
      })),
    ],
    skipped: missing,
  });
});

if (missing !== null) process.stderr.write(`skipped: ${missing}\n`);

describe.skipIf(missing !== null)('power cuts', () => {
  it.each(KINDS)(
    'nothing that was told is lost: $fileSystem $mountOptions',
    async ({ lives, ...kind }) => {
      for (let n = 0; n < Math.ceil(lives * SCALE); n++) {
        const life = await liveOn(kind, CUTS_A_LIFE);
        lived.push({ ...life, fileSystem: kind.fileSystem });
        expect(life.wrong, `RGOV_TEST_SEED=${seed}, life ${n}`).toEqual([]);
      }
    },
    LIMIT_MS,
  );

  it('something of each kind was told', () => {
    for (const kind of ['events', 'drops', 'receipts', 'acknowledgements'] as const) {
      expect(
        lived.reduce((sum, { told }) => sum + told[kind], 0),
        kind,
      ).toBeGreaterThan(0);
    }
  });

  it.each(PLANTED)(
    'the harness fails where $name',
    async ({ name, patches, caughtBy, isQuiet, only }) => {
      const faulty = new FaultyProgram(patches);
      try {
        for (const fileSystem of ['ext4', 'xfs'] as const) {
          const { wrong, cuts } = await liveOn({ fileSystem, mountOptions: '' }, CUTS_OF_A_FAULT, {
            program: faulty.path,
            isQuiet,
            ...(only === undefined ? {} : { only }),
          });
          const checks = [...new Set(wrong.map(({ check }) => check))];
          console.log(`${name}: noticed on ${fileSystem} after ${cuts} cuts: ${checks.join('; ')}`);
          expect(
            checks.filter((check) => caughtBy.includes(check)),
            `RGOV_TEST_SEED=${seed} on ${fileSystem}: ${checks.join('; ')}`,
          ).not.toEqual([]);
        }
        noticed.push(`${name}: noticed`);
      } finally {
        faulty.remove();
      }
    },
    LIMIT_MS,
  );
});

describe.skipIf(missing !== null)('what is told is durable, and not merely there to be seen', () => {
  let held: FaultyProgram;
  beforeAll(() => {
    held = new FaultyProgram(HELD_FOLDERS);
  });
  afterAll(() => held?.remove());

  it.each(ECHOES)('$name', async (echo) => {
    for (const fileSystem of ['ext4', 'xfs'] as const) {
      const disk = new LoopDisk({ fileSystem, mountOptions: '', size_mb: SIZE_MB });
      try {
        expect(await echoed(echo, { disk, held: held.path }), fileSystem).toEqual({ code: 0, lost: [] });
        echoes++;
      } finally {
        disk.remove();
      }
    }
  });
});
