import type { SenderMeta } from '../sender.ts';

export const meta: SenderMeta = {
  kind: 'apprise',
  summary: 'Runs the command line tool `apprise`, which speaks to a hundred services; it says yes or no, and gives no id.',
  maxCeiling: 'accepted',
  canBeIdempotent: false,
  defaultTimeLimit_ms: 60_000,
  defaultConcurrency: 4,
};
