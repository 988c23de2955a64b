/** What is packed of one day, headers included: about 250,000 artifacts. It is held in memory, by the writer and by every reader. */
export const MAX_TAR_BYTES = 512 * 1024 * 1024;

/** No compression makes it larger than this: what cannot be compressed is stored, with a few bytes for each block. */
export const MAX_ARCHIVE_BYTES = MAX_TAR_BYTES + 1024 * 1024;

/** A file of an archive, or of a day that is to be packed. */
export interface ArchiveEntry {
  /** Below `state/`. */
  path: string;
  bytes: Uint8Array;
}

/** Why something is no archive of ours, in words. */
export class ArchiveFault extends Error {}

/** Bytes that an entry of this size takes in a tar file at most: two headers, the long name, itself, each in blocks of 512 bytes. */
export const packedSize = (bytes: number): number => 512 + 512 + 512 + Math.ceil(bytes / 512) * 512;
