import type { SenderMeta } from '../sender.ts';

export const meta: SenderMeta = {
  kind: 'openclaw',
  summary:
    'Asks the gateway of an OpenClaw to send the notice through one of its channels, and tells apart what it sent, queued, suppressed or refused.',
  maxCeiling: 'accepted',
  // It remembers a key for five minutes, and not beyond a restart; an attempt whose process died is repeated whenever somebody finds it.
  canBeIdempotent: false,
  defaultTimeLimit_ms: 210_000,
  defaultConcurrency: 4,
};
