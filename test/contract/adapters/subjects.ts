import { createHash } from 'node:crypto';

const mark = (text: string): string => `~${createHash('sha256').update(JSON.stringify(text)).digest('hex').slice(0, 12)}`;

/** Whether a part of a subject stands for that very name: it is the name, or carries the fingerprint of it and of no other. */
const standsFor = (part: string, name: string): boolean => part === name || part.endsWith(mark(name));

/** The same of a whole subject, of a kind and names one inside the other; one that was cut carries the fingerprint of all names. */
export function isSubjectOf(subject: string, kind: string, names: readonly unknown[]): boolean {
  if (!names.every((name) => typeof name === 'string')) return false;
  const parts = subject.split('/');
  if (parts[0] !== kind) return false;
  if (subject.endsWith(mark(JSON.stringify(names)))) return true;
  return parts.length === names.length + 1 && names.every((name, at) => standsFor(parts[at + 1] as string, name));
}
