import { messageOf } from '../../model/errors.ts';
import { sha256 } from '../../model/hash.ts';
import { type Archive, type ReadArchive, readArchive } from '../../store/archive.ts';
import { archiveName } from '../../store/archived-days.ts';
import type { Layout } from '../../store/layout.ts';
import { sealName } from '../../store/seals.ts';
import { changedAt } from './changed-at.ts';
import type { Finding } from './finding.ts';
import { type HashedFile, hashFile } from './hash-file.ts';
import type { NamedArchive } from './seal-chain.ts';
import type { SealLines } from './seal-lines.ts';

export interface PackedDay {
  findings: Finding[];
  /** Its artifacts, where every one was looked at; null where the hash of the archive vouches for them. */
  files: Archive | null;
}

/**
 * The archive of a day: as a whole by the hash that a seal names, which is as strong as the chain of seals; where none does yet, where
 * it has other bytes, or where it is asked for (`deep`), every artifact in it by the seal of its day. `hash`: of the archive, if it is known.
 */
export function verifyArchive(
  layout: Layout,
  day: string,
  named: NamedArchive | undefined,
  lines: SealLines,
  deep: boolean,
  hash: string | null,
): PackedDay {
  const path = archiveName(day);
  const finding = (reason: Finding['reason'], detail: string): Finding => ({ path, reason, detail, since: null });
  const whole: HashedFile = hash === null ? hashFile(layout.at(path)) : { kind: 'hash', sha256: hash };
  if (whole.kind === 'missing') return { findings: named ? [finding('archive_missing', `${named.by} names it`)] : [], files: null };
  if (whole.kind === 'bad') return { findings: [finding('archive_unreadable', whole.detail)], files: null };
  const findings: Finding[] = [];
  if (named && whole.sha256 !== named.sha256) {
    findings.push(finding('archive_altered', `${named.by} names the SHA-256 ${named.sha256}, it has ${whole.sha256}`));
  } else if (named && !deep) return { findings, files: null };
  const archive = openedArchive(layout, day);
  if (archive.kind === 'missing') return { findings, files: null };
  if (archive.kind === 'bad') return { findings: [...findings, finding('archive_unreadable', archive.detail)], files: null };
  const sealed = lines.of(day);
  if (sealed === null) findings.push(finding('archive_unsealed', `there is no ${sealName(day)} that can be understood`));
  else {
    const hashes = new Map([...archive.files].map(([name, bytes]) => [name, sha256(bytes)]));
    const since = changedAt(layout, path);
    findings.push(...differences(sealed, hashes, `${path} holds`).map((difference) => ({ ...difference, since })));
  }
  return { findings, files: archive.files };
}

function openedArchive(layout: Layout, day: string): ReadArchive {
  try {
    return readArchive(layout, day);
  } catch (error) {
    return { kind: 'bad', detail: messageOf(error) };
  }
}

/** What a seal says of its day against what there is; null as a hash: it is there, and its bytes cannot be read. */
export function differences(sealed: ReadonlyMap<string, string>, actual: ReadonlyMap<string, string | null>, where: string): Finding[] {
  const findings: Finding[] = [];
  for (const [path, expected] of sealed) {
    const hash = actual.get(path);
    const altered = `its seal says ${expected}, ${where} ${hash}`;
    if (hash === undefined) findings.push({ path, reason: 'artifact_missing', detail: 'its seal names it', since: null });
    else if (hash !== null && hash !== expected) findings.push({ path, reason: 'artifact_altered', detail: altered, since: null });
  }
  for (const path of actual.keys()) {
    if (!sealed.has(path)) findings.push({ path, reason: 'artifact_added', detail: 'its seal does not name it', since: null });
  }
  return findings;
}
