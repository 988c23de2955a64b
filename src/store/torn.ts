import type { Claim, Handoff, Notice, Stored } from '../model/artifacts.ts';
import { sha256 } from '../model/hash.ts';
import type { BadFile } from '../model/snapshot.ts';
import { type FileSystem, readRegular } from './files.ts';
import { type Layout, MAX_ARTIFACT_BYTES } from './layout.ts';

type Trouble = Omit<BadFile, 'path'>;

/**
 * What a power cut has left of a batch, to be moved aside so that it is derived again; empty if nothing is torn. Names of one batch come to
 * the disk in any order (POSIX promises no more), and an event that was lost and said once more has other bytes. Nothing is sent before all
 * of them are durable: what is torn, a first `handoff` included, was never under way.
 */
export function tornFiles(layout: Layout, notice: Stored<Notice>, handoff: Stored<Handoff> | null, io: FileSystem): BadFile[] {
  if (handoff !== null && handoff.document.notice.sha256 !== notice.link.sha256)
    return [{ path: handoff.link.path, reason: 'parent_mismatch', detail: `its notice ${notice.link.path} has other bytes` }];
  const trouble = troubleWith(layout, notice, 'event', io) ?? troubleWith(layout, notice, 'decision', io);
  if (trouble === null) return [];
  // A decision that is not there follows from its event again, byte for byte; until then a claim counts.
  if (handoff !== null && trouble.what === 'decision' && trouble.reason === 'parent_missing') return [];
  // The child first: whoever dies in between leaves nothing that looks like an attempt at something.
  const { reason, detail } = trouble;
  return [...(handoff === null ? [] : [handoff]), notice].map(({ link }) => ({ path: link.path, reason, detail }));
}

/** The same of a claim that a bridge has made on a handoff which was lost: a claim that counts was durable together with it. */
export function tornClaim(claim: Stored<Claim>, handoff: Stored<Handoff>): BadFile[] {
  if (claim.document.handoff.sha256 === handoff.link.sha256) return [];
  return [{ path: claim.link.path, reason: 'parent_mismatch', detail: `its handoff ${handoff.link.path} has other bytes` }];
}

/** Whether the notice rests on the event and the decision that are on disk. */
function troubleWith(layout: Layout, notice: Stored<Notice>, what: 'event' | 'decision', io: FileSystem): (Trouble & { what: string }) | null {
  const { path, sha256: expected } = notice.document[what];
  const read = readRegular(io, layout.at(path), MAX_ARTIFACT_BYTES);
  if (read.kind === 'bytes' && sha256(read.bytes) === expected) return null;
  return read.kind === 'missing'
    ? { what, reason: 'parent_missing', detail: `its ${what} ${path} is not there` }
    : { what, reason: 'parent_mismatch', detail: `its ${what} ${path} has other bytes` };
}
