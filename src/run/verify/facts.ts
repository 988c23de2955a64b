import type { Claim, Decision, Deferral, Event, Handoff, Link, Notice, Receipt, Reopening } from '../../model/artifacts.ts';

/** An artifact as far as it matters for what may and what may not be: without the texts for people, so that a day fits into little memory. */
export interface Fact<T> {
  /** Below `state/`. */
  path: string;
  document: T;
}

type EventFact = Fact<Pick<Event, 'type' | 'subject' | 'severity' | 'time' | 'filedtime' | 'recordedtime'>> & {
  /** What the watchdog says that it rests on. */
  links: readonly Link[];
};
/** Of its verdicts only those that ask for a notice. */
type DecisionFact = Fact<Pick<Decision, 'event' | 'rules' | 'notices'>>;
type NoticeFact = Fact<Omit<Notice, 'title' | 'text'>>;
export type RevisionFact = Fact<Receipt> | Fact<Reopening>;

/** All that belongs to one notice; each part only where it is there and can be believed. */
export interface NoticeFacts {
  name: string;
  notice: NoticeFact | null;
  /** By number. */
  handoffs: Map<number, Fact<Handoff>>;
  /** Numbers of attempts that are there and cannot be believed. */
  hidden: Set<number>;
  claims: Map<number, Fact<Claim>>;
  deferrals: Map<number, Fact<Deferral>>;
  /** In the order of their numbers. */
  revisions: RevisionFact[];
}

export interface DayFacts {
  day: string;
  /** SHA-256 of every file of the day, by path; null where its bytes could not be read. Also files that no artifact can be read from. */
  files: Map<string, string | null>;
  events: Map<string, EventFact>;
  decisions: Map<string, DecisionFact>;
  /** By name; also of a notice of which only other parts are there. */
  notices: Map<string, NoticeFacts>;
}

export function noFacts(day: string): DayFacts {
  return { day, files: new Map(), events: new Map(), decisions: new Map(), notices: new Map() };
}

export function partsOf({ notices }: DayFacts, name: string): NoticeFacts {
  let parts = notices.get(name);
  if (!parts) {
    parts = { name, notice: null, handoffs: new Map(), hidden: new Set(), claims: new Map(), deferrals: new Map(), revisions: [] };
    notices.set(name, parts);
  }
  return parts;
}

export const isReopening = (fact: RevisionFact): fact is Fact<Reopening> => fact.document.kind === 'Reopening';
export const isReceipt = (fact: RevisionFact): fact is Fact<Receipt> => fact.document.kind === 'Receipt';
