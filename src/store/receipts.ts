import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Receipt, Reopening, Stored } from '../model/artifacts.ts';
import { dayOf, fileName, linkedName, type ParsedFile, parseFile, RECEIPT_STATUSES } from '../model/names.ts';
import type { Publication } from '../model/publication.ts';
import type { BadFile } from '../model/snapshot.ts';
import { currentReceipt, type Standing } from '../model/truth.ts';
import { readCacheFile, writeCacheFile } from './cache-file.ts';
import { mayChangeUnseen } from './coarse-time.ts';
import { listStage } from './history.ts';
import type { Layout } from './layout.ts';
import { type ReadArtifact, readArtifact } from './read.ts';

type ReceiptFile = Extract<ParsedFile, { kind: 'receipt' }> & { file: string };

/** All receipts of a day, by their names. */
export function listReceipts(layout: Layout, day: string): ReceiptFile[] {
  return listStage(layout, 'receipts', day).flatMap((file) => {
    const parsed = parseFile('receipts', day, file);
    return parsed?.kind === 'receipt' ? [{ ...parsed, file }] : [];
  });
}

/** A receipt or a reopening, by its name alone. */
export interface RevisionFile {
  name: string;
  revision: number;
  status: Standing;
  file: string;
}

/** All revisions of a day: receipts, and reopenings between them. */
export function listRevisions(layout: Layout, day: string): RevisionFile[] {
  return listStage(layout, 'receipts', day).flatMap((file): RevisionFile[] => {
    const parsed = parseFile('receipts', day, file);
    if (parsed?.kind === 'receipt') return [{ name: parsed.name, revision: parsed.revision, status: parsed.status, file }];
    return parsed?.kind === 'reopening' ? [{ name: parsed.name, revision: parsed.revision, status: 'reopened', file }] : [];
  });
}

/** Whether a revision of a notice is there, whatever it says: asked by name, as a listing of the day for each of many notices would be too much. */
export function hasRevision(layout: Layout, notice: string, revision: number): boolean {
  const folder = layout.day('receipts', dayOf(notice));
  const files = [...RECEIPT_STATUSES.map((status) => fileName.receipt(notice, revision, status)), fileName.reopening(notice, revision)];
  return files.some((file) => lstatSync(`${folder}/${file}`, { throwIfNoEntry: false }) !== undefined);
}

/**
 * Whether others have gone on to the next revision of a notice without knowing of this one, so that it is outweighed.
 */
export function isOutweighed(layout: Layout, { link, document }: Publication<'receipt'>): boolean {
  const notice = linkedName(document.notice);
  const number = document.revision + 1;
  // Asking for a name takes far less than trying to open what is hardly ever there.
  if (!hasRevision(layout, notice, number)) return false;
  const receipts = RECEIPT_STATUSES.map((status) => readArtifact(layout, 'receipt', 'receipts', notice, fileName.receipt(notice, number, status)));
  const next = [...receipts, readArtifact(layout, 'reopening', 'receipts', notice, fileName.reopening(notice, number))].filter(
    ({ kind }) => kind !== 'missing',
  );
  return next.length > 0 && !next.some((read) => read.kind === 'ok' && read.stored.document.previous?.path === link.path);
}

/** What is true of a notice now. */
export interface NoticeStanding {
  /** The receipt that counts, or the one that was taken back by `reopened`; null if there is none. */
  receipt: Stored<Receipt> | null;
  reopened: Stored<Reopening> | null;
  /** The file that says so; null if there is none. */
  file: string | null;
}

/** What these revisions of a notice come to. Throws nothing: one that cannot be believed is `bad`. */
export function standingOf(
  layout: Layout,
  notice: string,
  revisions: readonly RevisionFile[],
): NoticeStanding | Extract<ReadArtifact<'receipt'>, { kind: 'bad' }> {
  const current = currentReceipt(revisions);
  if (current === null) return { receipt: null, reopened: null, file: null };
  if (current.status !== 'reopened') {
    const read = readArtifact(layout, 'receipt', 'receipts', notice, current.file);
    return read.kind === 'bad' ? read : { receipt: read.kind === 'ok' ? read.stored : null, reopened: null, file: current.file };
  }
  const reopened = readArtifact(layout, 'reopening', 'receipts', notice, current.file);
  if (reopened.kind === 'bad') return reopened;
  const before = standingOf(
    layout,
    notice,
    revisions.filter(({ revision }) => revision < current.revision),
  );
  if ('kind' in before) return before;
  return { receipt: before.receipt, reopened: reopened.kind === 'ok' ? reopened.stored : null, file: current.file };
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
