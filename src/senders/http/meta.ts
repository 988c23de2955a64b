import type { SenderMeta } from '../sender.ts';

export const meta: SenderMeta = {
  kind: 'http',
  summary: "Asks a provider's HTTP interface as a recipe says (docs/recipes.md); what its answers prove stands in the recipe, too.",
  maxCeiling: 'delivered',
  canBeIdempotent: true,
  defaultTimeLimit_ms: 20_000,
  defaultConcurrency: 8,
};
