import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Receipt, Stored } from '../model/artifacts.ts';
import { dayOf, type ParsedFile, parseFile } from '../model/names.ts';
import type { BadFile } from '../model/snapshot.ts';
import { currentReceipt } from '../model/truth.ts';
import { readCacheFile, writeCacheFile } from './cache-file.ts';
import { mayChangeUnseen } from './coarse-time.ts';
import type { Layout } from './layout.ts';
import { type ReadArtifact, readArtifact } from './read.ts';
import { listFolder } from './survey.ts';

type ReceiptFile = Extract<ParsedFile, { kind: 'receipt' }> & { file: string };

/** All receipts of a day, by their names. */
export function listReceipts(layout: Layout, day: string): ReceiptFile[] {
  return listFolder(layout.day('receipts', day)).flatMap((file) => {
    const parsed = parseFile('receipts', day, file);
    return parsed?.kind === 'receipt' ? [{ ...parsed, file }] : [];
  });
}

/** The receipt that is the truth of a notice now; null if there is none yet. */
export function readCurrentReceipt(layout: Layout, notice: string): Stored<Receipt> | Extract<ReadArtifact<'receipt'>, { kind: 'bad' }> | null {
  const current = currentReceipt(listReceipts(layout, dayOf(notice)).filter(({ name }) => name === notice));
  if (!current) return null;
  const read = readArtifact(layout, 'receipt', 'receipts', notice, current.file);
  return read.kind === 'ok' ? read.stored : read.kind === 'bad' ? read : null;
}

/**
 * Those of a day's receipts whose content does not bear out their names. A day in which all were found good is not read
 * again until its folder changes: that they were altered in place is for `rgov verify` to find.
 */
export function unbelievableReceipts(layout: Layout, day: string, receipts: readonly { name: string; file: string }[]): BadFile[] {
  const folder = lstatSync(layout.day('receipts', day), { bigint: true, throwIfNoEntry: false });
  if (!folder || receipts.length === 0) return [];
  const memory = join(layout.cache, 'believed', day);
  const changed = String(folder.ctimeNs);
  if (remembers(memory, changed)) return [];
  const bad = receipts.flatMap(({ name, file }): BadFile[] => {
    const read = readArtifact(layout, 'receipt', 'receipts', name, file);
    return read.kind === 'bad' ? [{ path: read.path, reason: read.reason, detail: read.detail }] : [];
  });
  if (bad.length === 0 && !mayChangeUnseen(Number(folder.ctimeMs))) writeCacheFile(memory, changed);
  return bad;
}

function remembers(memory: string, changed: string): boolean {
  try {
    return readCacheFile(memory) === changed;
  } catch {
    return false;
  }
}
