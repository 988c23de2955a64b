import type { Receipt, Stored } from '../model/artifacts.ts';
import { dayOf, type ParsedFile, parseFile } from '../model/names.ts';
import { currentReceipt } from '../model/truth.ts';
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
