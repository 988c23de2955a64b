import type { ArtifactKind, ArtifactKinds, QuarantineReason, Stage, Stored } from '../model/artifacts.ts';
import { check } from '../model/check.ts';
import { sha256 } from '../model/hash.ts';
import { parseStrict } from '../model/json.ts';
import { dayOf, eventName, fileName, linkedName, noticeName, parseName } from '../model/names.ts';
import { type FileSystem, realFileSystem } from './files.ts';
import type { Layout } from './layout.ts';
import { readStateFile } from './state-file.ts';

export type ReadArtifact<K extends ArtifactKind> =
  | { kind: 'ok'; stored: Stored<ArtifactKinds[K]> }
  | { kind: 'missing' }
  | { kind: 'bad'; path: string; reason: QuarantineReason; detail: string };

/** One artifact, trusted no further than its schema, its rules and its name allow. `name` is the event's or notice's. */
export function readArtifact<K extends ArtifactKind>(
  layout: Layout,
  kind: K,
  stage: Stage,
  name: string,
  file: string,
  io: FileSystem = realFileSystem,
): ReadArtifact<K> {
  const day = parseName(name)?.day ?? '';
  const path = `${stage}/${day}/${file}`;
  const read = readStateFile(layout, path, io);
  if (read.kind === 'missing') return read;
  if (read.kind === 'bad') return { kind: 'bad', path, reason: read.reason, detail: read.detail };
  return artifactFrom(kind, path, name, file, read.bytes);
}

/** The same for bytes that were read already, wherever they lay. */
export function artifactFrom<K extends ArtifactKind>(
  kind: K,
  path: string,
  name: string,
  file: string,
  bytes: Uint8Array,
): Exclude<ReadArtifact<K>, { kind: 'missing' }> {
  const parsed = parseStrict(bytes);
  if (!parsed.ok) return { kind: 'bad', path, reason: parsed.reason, detail: parsed.detail };
  const failure = check(kind, parsed.value);
  if (failure) return { kind: 'bad', path, ...failure };
  const document = parsed.value as ArtifactKinds[K];
  const mismatch = nameMismatch(kind, document, name, file);
  if (mismatch) return { kind: 'bad', path, reason: 'name_mismatch', detail: mismatch };
  return { kind: 'ok', stored: { link: { path, sha256: sha256(bytes) }, name, day: dayOf(name), document } };
}

/** A name follows from the content; a file under another name is not the fact that its name promises. */
function nameMismatch(kind: ArtifactKind, document: unknown, name: string, file: string): string | null {
  if (kind === 'event') {
    const expected = eventName(document as ArtifactKinds['event']);
    return expected === name ? null : `the content belongs under ${expected}`;
  }
  if (kind === 'notice') {
    const { id, time, event, rule, target } = document as ArtifactKinds['notice'];
    const expected = noticeName({ time, event: linkedName(event), pack: rule.pack, rule: rule.id, target });
    return expected === name && id === name ? null : `the content belongs under ${expected}`;
  }
  if (kind === 'decision') {
    const { event } = document as ArtifactKinds['decision'];
    return event.path.endsWith(`/${name}.json`) ? null : `the decision is about ${event.path}`;
  }
  if (kind === 'handoff') {
    const { notice, attempt } = document as ArtifactKinds['handoff'];
    return notice.path.endsWith(`/${name}.json`) && file === fileName.handoff(name, attempt) ? null : `it is attempt ${attempt} of ${notice.path}`;
  }
  if (kind === 'deferral') {
    const { handoff } = document as ArtifactKinds['deferral'];
    return handoff.path.endsWith(`/${file.replace(/\.deferred\.json$/, '.json')}`) ? null : `it puts off ${handoff.path}`;
  }
  if (kind === 'claim') {
    const { handoff } = document as ArtifactKinds['claim'];
    return handoff.path.endsWith(`/${file.replace(/\.claimed\.json$/, '.json')}`) ? null : `it claims ${handoff.path}`;
  }
  if (kind === 'reopening') {
    const { notice, revision } = document as ArtifactKinds['reopening'];
    return notice.path.endsWith(`/${name}.json`) && file === fileName.reopening(name, revision)
      ? null
      : `it is revision ${revision} of ${notice.path}`;
  }
  if (kind === 'receipt') {
    const { notice, revision, status } = document as ArtifactKinds['receipt'];
    return notice.path.endsWith(`/${name}.json`) && file === fileName.receipt(name, revision, status)
      ? null
      : `it is revision ${revision}, ${status}, of ${notice.path}`;
  }
  return null;
}
