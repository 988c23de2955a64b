import { createHash } from 'node:crypto';

/**
 * Whether a subject is that of this very name: spelled out, or, where a subject cannot spell it, told by the fingerprint of exactly this name
 * (reckoned here once more, so that a fingerprint of anything else would be noticed).
 */
export function isNamed(subject: string, prefix: string, name: string, suffix = ''): boolean {
  if (subject === `${prefix}${name}${suffix}`) return true;
  const fingerprint = createHash('sha256').update(JSON.stringify(name)).digest('hex').slice(0, 12);
  return subject.startsWith(prefix) && subject.endsWith(`~${fingerprint}${suffix}`);
}
