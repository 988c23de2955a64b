import { type BigIntStats, lstatSync } from 'node:fs';
import { mayChangeUnseen } from './coarse-time.ts';
import { readRegular, realFileSystem, stateError } from './files.ts';
import type { Layout } from './layout.ts';
import { listSeals, readSeal } from './seals.ts';

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Up to which day nothing may be added any more. Seals are made in order of days, so that the newest one speaks for all before
 * it; a day that is being sealed is closed already, so that nothing comes to it after it was listed.
 */
export class ClosedDays {
  readonly #layout: Layout;
  #sealedThrough = '';
  /** When the folder of seals had changed as it was listed; undefined if that says nothing. */
  #changed: bigint | undefined;

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** The newest sealed day; empty if there is none. */
  sealedThrough(): string {
    const folder = this.#folder();
    if (!folder) return '';
    if (this.#changed === folder.ctimeNs) return this.#sealedThrough;
    this.#sealedThrough = listSeals(this.#layout).at(-1) ?? '';
    this.#changed = mayChangeUnseen(Number(folder.ctimeMs)) ? undefined : folder.ctimeNs;
    return this.#sealedThrough;
  }

  #folder(): BigIntStats | undefined {
    try {
      return lstatSync(this.#layout.seals, { bigint: true, throwIfNoEntry: false });
    } catch (error) {
      throw stateError('read', this.#layout.seals, error);
    }
  }

  /** The newest day that is sealed, or being sealed; empty if there is none. */
  through(): string {
    const sealed = this.sealedThrough();
    const closing = dayBeingSealed(this.#layout);
    return closing > sealed ? closing : sealed;
  }

  /** Whether the seal of a day names this file; null if the day has none. */
  names(day: string, path: string): boolean | null {
    const seal = readSeal(this.#layout, day);
    return seal === null ? null : seal.includes(`  ${path}\n`, 0, 'latin1');
  }
}

/** The day that somebody has begun to seal; empty if there is none. */
export function dayBeingSealed(layout: Layout): string {
  if (!isThere(layout.sealing)) return '';
  const read = readRegular(realFileSystem, layout.sealing, 64);
  const day = read.kind === 'bytes' ? Buffer.from(read.bytes).toString('latin1').trim() : '';
  return DAY.test(day) ? day : '';
}

/** Asked before every publication: trying to open what is hardly ever there takes three times as long. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw stateError('read', path, error);
  }
}
