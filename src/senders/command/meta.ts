import type { SenderMeta } from '../sender.ts';

export const meta: SenderMeta = {
  kind: 'command',
  summary: 'Runs a program of yours with the notice on its standard input; its exit status and its last line of JSON say what came of it.',
  // A program may bring back a read receipt; that a human said so is for that human to say.
  maxCeiling: 'seen',
  canBeIdempotent: true,
  defaultTimeLimit_ms: 60_000,
  defaultConcurrency: 4,
};
