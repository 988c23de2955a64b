import { EVENT_TYPES } from '../model/event-types.ts';
import type { Declarations } from './declarations.ts';
import { type Declared, isKind } from './document.ts';
import type { Expecting } from './expectations.ts';

const OWN_TYPES = new Set([
  'report.overdue',
  'report.recovered',
  'report.unproven',
  'report.proven',
  'watchdog.gap',
  'expectation.in_force',
  'source.failing',
]);

/** Whether only the watchdog itself writes events of a type, so that nobody can ever report one. */
export function isOwnType(type: string): boolean {
  return OWN_TYPES.has(type) || type.startsWith('notice.');
}

/** The event types that a pack may name. */
export function typesKnownTo(pack: Declared<'PolicyPack'>): string[] {
  return [...Object.keys(EVENT_TYPES), ...(pack.value.spec.eventTypes ?? [])];
}

/** The event types that the expectations of a document may name; a binding knows those of the packs that are in force for it. */
export function typesExpectedBy(document: Expecting, declarations: Declarations): string[] {
  if (isKind(document, 'PolicyPack')) return typesKnownTo(document);
  const names = declarations.find('Profile', document.value.spec.profile)?.value.spec.policy ?? [];
  const packs = names.flatMap((name) => declarations.find('PolicyPack', name) ?? []);
  return [...new Set([...Object.keys(EVENT_TYPES), ...packs.flatMap(typesKnownTo)])];
}
