import type { SenderMeta } from '../sender.ts';

export const meta: SenderMeta = {
  kind: 'webhook',
  summary: 'Posts the notice as JSON, signed after the Standard Webhooks specification; a 2xx answer proves that the receiver took it.',
  maxCeiling: 'accepted',
  canBeIdempotent: true,
  // Standard Webhooks recommends 15 to 30 seconds.
  defaultTimeLimit_ms: 20_000,
  defaultConcurrency: 64,
};
