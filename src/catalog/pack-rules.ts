import type { PolicyPack } from '../model/artifacts.ts';
import type { Declared } from './document.ts';

/** A notify rule as it is written down. */
export type RuleSpec = NonNullable<PolicyPack['spec']['notify']>[number];

/** The notify rules of a pack; a pack may hold expectations alone. */
export function rulesIn(pack: Declared<'PolicyPack'>): RuleSpec[] {
  return pack.value.spec.notify ?? [];
}
