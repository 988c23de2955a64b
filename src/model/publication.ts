import type { ArtifactKind, ArtifactKinds, Link, Stage, Stored } from './artifacts.ts';
import { sha256 } from './hash.ts';
import { serialize } from './json.ts';
import { dayOf } from './names.ts';

/** One artifact that is to appear: its place follows from its name, its link from its bytes. */
export interface Publication<K extends ArtifactKind = ArtifactKind> {
  kind: K;
  stage: Stage;
  day: string;
  /** File name within the day. */
  file: string;
  document: ArtifactKinds[K];
  bytes: string;
  link: Link;
}

/** `name` is the event's or notice's name that the chain belongs to; its day names the folder. */
export function publication<K extends ArtifactKind>(kind: K, stage: Stage, name: string, file: string, document: ArtifactKinds[K]): Publication<K> {
  const bytes = serialize(document);
  const day = dayOf(name);
  return { kind, stage, day, file, document, bytes, link: { path: `${stage}/${day}/${file}`, sha256: sha256(bytes) } };
}

export function asStored<K extends ArtifactKind>(name: string, item: Publication<K>): Stored<ArtifactKinds[K]> {
  return { link: item.link, name, day: item.day, document: item.document };
}
