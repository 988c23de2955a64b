import type {
  Claim,
  Confirmation,
  Decision,
  Deferral,
  Event,
  Handoff,
  Link,
  Notice,
  QuarantineNote,
  Receipt,
  Reopening,
  SubjectRecord,
} from './generated/types.ts';

export type {
  ActivationSettings,
  Breaker,
  Claim,
  Confirmation,
  Decision,
  Deferral,
  Event,
  Handoff,
  Link,
  Notice,
  PolicyPack,
  Profile,
  QuarantineNote,
  Receipt,
  Reopening,
  Retry,
  RuntimeBinding,
  RuntimeCapabilities,
  RuntimeNeeds,
  SenderBinding,
  Source,
  SubjectRecord,
} from './generated/types.ts';

export const API_VERSION = 'reporting-governance/v1';

/** The folders of `state/` that hold a day each, in the order in which one causes the next. */
export const STAGES = ['events', 'decisions', 'queue', 'handoffs', 'receipts'] as const;
export type Stage = (typeof STAGES)[number];

/** The kinds that have a schema, by the name of its file in `schemas/`. */
export interface ArtifactKinds {
  event: Event;
  decision: Decision;
  notice: Notice;
  handoff: Handoff;
  claim: Claim;
  deferral: Deferral;
  receipt: Receipt;
  reopening: Reopening;
  confirmation: Confirmation;
  'subject-record': SubjectRecord;
  'quarantine-note': QuarantineNote;
}
export type ArtifactKind = keyof ArtifactKinds;

export type Severity = Event['severity'];
export type Provenance = Event['provenance'];
export type Posture = Decision['policy']['posture'];
export type RuleVerdict = Decision['rules'][number];
export type ReceiptStatus = Receipt['status'];
export type Evidence = Receipt['evidence'][number];
export type Owner = NonNullable<Handoff['owner']>;
export type QuarantineReason = QuarantineNote['reason'];

/** An artifact as it lies on disk: its link, and what it says. */
export interface Stored<T> {
  link: Link;
  name: string;
  day: string;
  document: T;
}
