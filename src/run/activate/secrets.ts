import type { Catalog } from '../../model/catalog.ts';
import { isSecretRef, type SecretRef } from '../../model/secret.ts';

/** Every secret that this binding refers to, without its value. */
export function secretsOf({ senders, sources, heartbeat, acknowledge }: Catalog): SecretRef[] {
  return [Object.values(senders).map(({ config }) => config), sources, heartbeat, acknowledge].flatMap(referencesIn);
}

/** Names of environment variables that hold secrets, sorted. */
export const environmentSecrets = (catalog: Catalog): string[] =>
  [...new Set(secretsOf(catalog).flatMap((reference) => ('env' in reference ? [reference.env] : [])))].sort();

function referencesIn(value: unknown): SecretRef[] {
  if (isSecretRef(value)) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(referencesIn);
}
