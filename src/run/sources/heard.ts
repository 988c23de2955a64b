/** A listing of thousands of runs; more of it belongs on further pages. It is translated while nothing else happens. */
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** What a source said: bytes for its adapter, each with what becomes of it once all that it says is durable. */
export interface Piece {
  /** For people: the file, or nothing. */
  from: string;
  bytes: Uint8Array;
  /** Called with the reasons for which something in it was refused; none where all of it was taken. */
  settle(refused: readonly string[]): void;
}

/** `troubles`: what else is wrong with it, beside what its pieces say. Or why nothing was heard, in a line without secrets. */
export type Heard = { ok: true; pieces: Piece[]; troubles?: readonly string[] } | { ok: false; why: string };

export const failed = (why: string): Heard => ({ ok: false, why });
export const heard = (bytes: Uint8Array): Heard => ({ ok: true, pieces: [{ from: '', bytes, settle: () => {} }] });
