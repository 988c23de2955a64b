import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Document } from '../adapters/documents.ts';
import type { Confirmation, QuarantineReason } from '../model/artifacts.ts';
import { check } from '../model/check.ts';
import type { EventDraft } from '../model/event.ts';
import { parseStrict } from '../model/json.ts';
import type { BadFile } from '../model/snapshot.ts';
import { formatTime } from '../model/time.ts';
import { readRegular, realFileSystem } from '../store/files.ts';
import { type Layout, MAX_ARTIFACT_BYTES } from '../store/layout.ts';
import type { Statement } from './judge.ts';

/** A dropped file may hold many events, each far smaller. */
const MAX_DROP_BYTES = 8 * MAX_ARTIFACT_BYTES;

/** How a file is told apart into documents, and those into events: loaded only where something was dropped. */
export interface DropReader {
  documentsIn(input: Uint8Array): Document[];
  translateDocuments(documents: readonly Document[]): { events: EventDraft[]; rejected: { where: string; reason: string }[] };
}

/** A file that was dropped, and everything that it says. */
export interface ReadDrop {
  path: string;
  identity: string;
  drafts: (EventDraft & { timeless: boolean })[];
  statements: Statement[];
  bad: BadFile | null;
}

/** Null if somebody else has taken it away, or put another one in its place meanwhile: that one comes next time. */
export function readDrop(layout: Layout, file: string, { documentsIn, translateDocuments }: DropReader): ReadDrop | null {
  const path = `inbox/${file}`;
  const at = join(layout.inbox, file);
  const identity = identityOf(at);
  const bad = (reason: QuarantineReason, detail: string) => ({
    path,
    identity,
    drafts: [],
    statements: [],
    bad: { path, reason, detail },
  });
  if (file.includes('\ufffd')) return bad('name_invalid', 'the name of the file is not UTF-8');
  const read = readRegular(realFileSystem, at, MAX_DROP_BYTES);
  if (read.kind === 'missing') return null;
  if (read.kind === 'bad') return bad(read.reason, read.detail);
  if (read.bytes.length === 0) return bad('not_json', 'the file is empty');
  const documents = documentsIn(read.bytes);
  const { events, rejected } = translateDocuments(documents.filter((document) => !isConfirmation(document)));
  const statements = documents.filter(isConfirmation).flatMap((document) => statementOf(document, rejected));
  const stat = lstatSync(at, { throwIfNoEntry: false });
  if (!stat || identityOf(at) !== identity) return null;
  // Where a file says nothing of the time, it is when it was dropped: the same however often it is read.
  const dropped = formatTime(Math.floor(stat.mtimeMs));
  const drafts = events.map((draft) => (draft.time === undefined ? { ...draft, time: dropped, timeless: true } : { ...draft, timeless: false }));
  const [first] = rejected;
  if (!first) return { path, identity, drafts, statements, bad: null };
  const whole = parseStrict(read.bytes);
  const reason = events.length + statements.length === 0 && !whole.ok ? whole.reason : 'schema_invalid';
  return {
    path,
    identity,
    drafts,
    statements,
    bad: { path, reason, detail: rejected.map((item) => `${item.where}: ${item.reason}`).join('; ') || first.reason },
  };
}

type ConfirmationDocument = Extract<Document, { ok: true }> & { value: { kind: 'Confirmation' } };

function isConfirmation(document: Document): document is ConfirmationDocument {
  return (
    document.ok && typeof document.value === 'object' && document.value !== null && (document.value as { kind?: unknown }).kind === 'Confirmation'
  );
}

/** What the document says, or nothing, with the reason among the rejections. */
function statementOf({ value, where }: ConfirmationDocument, rejected: { where: string; reason: string }[]): Statement[] {
  const failure = check('confirmation', value);
  if (failure) {
    rejected.push({ where, reason: failure.detail });
    return [];
  }
  const { apiVersion: _, kind: __, ...statement } = value as Confirmation;
  return [statement];
}

/** Empty where there is no such file. A file that is read changes none of these. */
export function identityOf(path: string): string {
  const stat = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  return stat ? `${stat.dev} ${stat.ino} ${stat.mtimeNs} ${stat.size}` : '';
}
