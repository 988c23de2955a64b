import type { PolicyPack } from '../model/artifacts.ts';
import type { Declarations } from './declarations.ts';
import { type Declared, isKind, type Path } from './document.ts';

/** An expectation as it is written down. */
export type ExpectationSpec = NonNullable<PolicyPack['spec']['expect']>[number];
/** The kinds of documents that hold expectations. */
export type Expecting = Declared<'PolicyPack'> | Declared<'RuntimeBinding'>;

export interface DeclaredExpectation {
  document: Expecting;
  path: Path;
  spec: ExpectationSpec;
}

export function isExpecting(document: Declared): document is Expecting {
  return isKind(document, 'PolicyPack') || isKind(document, 'RuntimeBinding');
}

/** The expectations of one document, in its order. */
export function expectationsIn(document: Expecting): DeclaredExpectation[] {
  return (document.value.spec.expect ?? []).map((spec, index) => ({ document, path: ['spec', 'expect', index], spec }));
}

export function allExpectations({ documents }: Declarations): DeclaredExpectation[] {
  return documents.filter(isExpecting).flatMap(expectationsIn);
}

/** Where the two halves of a schedule stand, whichever way it is written; null if there is none. */
export function scheduleOf({ path, spec }: DeclaredExpectation): ScheduleText | null {
  const { schedule } = spec;
  if (schedule === undefined) return null;
  const at = [...path, 'schedule'];
  return typeof schedule === 'string'
    ? { cron: schedule, timezone: DEFAULT_TIMEZONE, cronPath: at, timezonePath: at }
    : { cron: schedule.cron, timezone: schedule.timezone ?? DEFAULT_TIMEZONE, cronPath: [...at, 'cron'], timezonePath: [...at, 'timezone'] };
}

export interface ScheduleText {
  cron: string;
  timezone: string;
  cronPath: Path;
  timezonePath: Path;
}

export const DEFAULT_TIMEZONE = 'UTC';
