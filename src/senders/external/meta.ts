import type { SenderMeta } from '../sender.ts';

export const meta: SenderMeta = {
  kind: 'external',
  summary: 'Leaves the notice to another, privileged system, which reads the open handoffs and confirms with `rgov confirm` what came of them.',
  maxCeiling: 'seen',
  canBeIdempotent: false,
  defaultTimeLimit_ms: 10_000,
  defaultConcurrency: 16,
  notProbed: 'the handoff on disk is the delivery, and the other system comes for it by itself',
};
