import type { SenderMeta } from '../sender.ts';

export const meta: SenderMeta = {
  kind: 'smtp',
  summary: 'Sends the notice as a plain mail; the server proves custody, a delivery report that comes back (rgov ingest dsn) proves more.',
  maxCeiling: 'delivered',
  // A Message-ID that stays the same lets a reader see the double; no server has to drop it.
  canBeIdempotent: false,
  defaultTimeLimit_ms: 60_000,
  defaultConcurrency: 4,
};
