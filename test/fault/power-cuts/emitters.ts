import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ran, rgovIn } from '../../bridge/running.ts';
import { sleep } from '../../support/watching.ts';
import type { Ledger, Told } from './ledger.ts';

export interface Scene {
  root: string;
  /** A folder on another disk, for what programs read. */
  outside: string;
  program: string | undefined;
  ledger: Ledger;
  random: () => number;
  /** Unique in the life of a workspace. */
  nextId: () => string;
  /** Every program that has ended. */
  onEnd: (args: readonly string[], ran: Ran) => void;
  /** Nobody begins anything new from now on. */
  isOver: () => boolean;
}

/** More in one file than a batch of the publisher holds. */
const MOST_INGESTED = 120;
const DROP_EVERY_MS = 15;
const ARCHIVE_EVERY_MS = 100;
const DAY_MS = 86_400_000;
/** How soon after a report the same one is made once more. */
const ECHO_WITHIN_MS = 150;

/** `rgov report`, one after the other; now and then a second process tells the same fact while the first one is at it: what it is told must be true, too. */
export async function reporter(scene: Scene): Promise<void> {
  while (!scene.isOver()) {
    const told = next(scene, 'rgov/report');
    const args = reportOf(told);
    const tell = async (delay_ms: number): Promise<boolean> => {
      await sleep(delay_ms);
      if (scene.isOver()) return false;
      const { code } = await run(scene, args);
      if (code === 0) scene.ledger.event(told);
      return code === 0;
    };
    const isTwice = scene.random() < 0.4;
    const done = await Promise.all([tell(0), ...(isTwice ? [tell(scene.random() * ECHO_WITHIN_MS)] : [])]);
    if (done.includes(false)) return;
  }
}

/** `rgov ingest` of many events behind one barrier. */
export async function ingester(scene: Scene): Promise<void> {
  const all = Array.from({ length: 1 + Math.floor(scene.random() * MOST_INGESTED) }, () => next(scene, 'ingester'));
  // Of a day that is over, too: as soon as that is sealed, they come too late for it.
  const time = daysAgo(scene.random() < 0.5 ? 0 : 1 + Math.floor(scene.random() * 3));
  const file = join(scene.outside, `${scene.nextId()}.ndjson`);
  writeFileSync(file, all.map((told) => JSON.stringify({ ...cloudEvent(told), time })).join('\n'));
  const { code } = await run(scene, ['ingest', 'cloudevents', file]);
  if (code === 0) for (const told of all) scene.ledger.event(told);
}

/** One event of each of so many days that are over. */
export async function elders(scene: Scene, days: number): Promise<void> {
  const all = Array.from({ length: days }, () => next(scene, 'ingester'));
  const file = join(scene.outside, `${scene.nextId()}.ndjson`);
  writeFileSync(file, all.map((told, i) => JSON.stringify({ ...cloudEvent(told), time: daysAgo(days - i) })).join('\n'));
  const { code } = await run(scene, ['ingest', 'cloudevents', file]);
  if (code === 0) for (const told of all) scene.ledger.event(told);
}

const daysAgo = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString();

/** Another program that drops files and knows its craft: the file is synced before the rename, the folder after it. */
export async function dropper(scene: Scene): Promise<void> {
  try {
    while (!scene.isOver()) {
      dropOne(scene, next(scene, 'dropper'));
      await sleep(DROP_EVERY_MS);
    }
  } catch {
    // The power is gone.
  }
}

/** Throws what the disk says. */
export function dropOne({ root, ledger }: Scene, told: Told): void {
  const inbox = join(root, 'state', 'inbox');
  const folder = join(root, '.dropping');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${told.id}.json`);
  writeFileSync(path, JSON.stringify(cloudEvent(told)));
  sync(path);
  renameSync(path, join(inbox, `${told.id}.json`));
  sync(inbox);
  ledger.drop(told);
}

/** Humans who acknowledge what they were told of. */
export async function acknowledger(scene: Scene): Promise<void> {
  while (!scene.isOver()) {
    const notice = scene.ledger.anyNotice(scene.random());
    if (notice === undefined) await sleep(DROP_EVERY_MS);
    else {
      const by = `human-${scene.nextId()}`;
      const { code } = await run(scene, ['ack', notice, '--by', by]);
      if (code !== 0) return;
      scene.ledger.acknowledgement(notice, `human:${by}`);
    }
  }
}

/** Passes as cron makes them; what each one prints is what it has written. */
export async function reconciler(scene: Scene): Promise<void> {
  while (!scene.isOver()) {
    const ran = await run(scene, ['reconcile', '--json']);
    for (const { notice, status } of receiptsOf(ran)) scene.ledger.receipt(notice, status);
    if (ran.code !== 0) return;
  }
}

/** Days that are sealed are packed away. */
export async function archiver(scene: Scene): Promise<void> {
  while (!scene.isOver()) {
    const { code } = await run(scene, ['archive', '--before', '1d']);
    if (code !== 0) return;
    scene.ledger.somethingElse();
    await sleep(ARCHIVE_EVERY_MS);
  }
}

export async function run(scene: Scene, args: readonly string[]): Promise<Ran> {
  const ran = await rgovIn(scene.root, args, scene.program === undefined ? {} : { program: scene.program });
  scene.onEnd(args, ran);
  return ran;
}

/** None where the program was cut off before it could print what it has done. */
export function receiptsOf({ stdout }: Ran): { notice: string; status: string }[] {
  try {
    return (JSON.parse(stdout) as { receipts?: { notice: string; status: string }[] }).receipts ?? [];
  } catch {
    return [];
  }
}

/** Of less than a block up to several. */
export function next({ nextId, random }: Scene, source: string): Told {
  const id = nextId();
  return { id, source, payload: `${id}-`.repeat(1 + Math.floor(random() ** 3 * 2_000)) };
}

export const reportOf = ({ id, payload }: Told): string[] => ['report', 'failed', '-s', `job/${id}`, '--id', id, '--data', `payload=${payload}`];

export const cloudEvent = ({ id, source, payload }: Told): object => ({
  specversion: '1.0',
  id,
  source,
  type: 'run.failed',
  subject: `job/${id}`,
  data: { payload },
});

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
