import type { SenderMeta } from '../sender.ts';

export const meta: SenderMeta = {
  kind: 'file',
  summary: 'Writes each notice as a text file into a folder; nobody proves that it is read.',
  maxCeiling: 'none',
  canBeIdempotent: true,
  defaultTimeLimit_ms: 10_000,
  defaultConcurrency: 16,
};
