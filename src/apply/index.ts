import { check } from '../model/check.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Publication } from '../model/publication.ts';
import type { PlannedAttempt, PublishingStep, Step } from '../model/steps.ts';
import type { Published, Publisher } from '../store/publish.ts';
import { makeAttempts, type SenderFor } from './attempts.ts';

export interface Applier {
  publisher: Publisher;
  senderFor: SenderFor;
  clock: () => number;
  /** What an outcome means for its notice. */
  settle(attempt: PlannedAttempt, outcome: Outcome): Publication<'receipt'> | Publication<'deferral'>;
  /** Adds what this attempt proved beside a receipt that somebody else wrote first. */
  recordBeside(attempt: PlannedAttempt, outcome: Outcome, receipt: Publication<'receipt'>): void;
  quarantine(file: Extract<Step, { kind: 'quarantine' }>['file']): void;
}

/** The outcome of an attempt, waiting for the next barrier. */
export interface Unrecorded {
  attempt: PlannedAttempt;
  outcome: Outcome;
  publication: Publication<'receipt'> | Publication<'deferral'>;
}

export interface Applied {
  created: Publication[];
  /** Outcomes that must be published before the pass ends. */
  unrecorded: Unrecorded[];
  /** Events whose whole chain is on disk now. */
  verified: string[];
  /** Chains of which something would have been written that no reader may believe, and what. */
  faulty: Map<string, string>;
}

/**
 * Carries out steps behind one barrier, together with the outcomes of the batch before: intent is durable before
 * anything is sent, and only who created a handoff makes its attempt.
 */
export async function applySteps(steps: readonly Step[], before: readonly Unrecorded[], applier: Applier): Promise<Applied> {
  for (const step of steps) if (step.kind === 'quarantine') applier.quarantine(step.file);
  const wanted = steps.filter((step): step is PublishingStep => step.kind !== 'quarantine');
  const faulty = faultyChains(wanted);
  const publishing = faulty.size === 0 ? wanted : wanted.filter(({ chain }) => !faulty.has(chain));
  const results = await applier.publisher.publishAll([
    ...before.map(({ attempt, publication }) => ({ chain: `outcome ${attempt.notice.name}`, publication })),
    ...publishing,
  ]);
  const applied: Applied = { created: [], unrecorded: [], verified: [], faulty };
  before.forEach((item, i) => {
    recordOutcome(item, results[i] as Published, applied, applier);
  });
  const own = results.slice(before.length);
  const won = publishing.filter((_, i) => own[i] === 'created');
  for (const step of won) applied.created.push(step.publication);
  applied.verified = decidedWhole(publishing, own);
  const attempts = won.flatMap((step) => (step.kind === 'dispatch' ? [step.attempt] : []));
  for (const { attempt, outcome } of await makeAttempts(attempts, applier.senderFor, applier.clock)) {
    applied.unrecorded.push({ attempt, outcome, publication: applier.settle(attempt, outcome) });
  }
  return applied;
}

/** Checked before it is written, just as after it is read: a fault of this program must not become a fact. */
function faultyChains(steps: readonly PublishingStep[]): Map<string, string> {
  const faulty = new Map<string, string>();
  for (const { chain, publication } of steps) {
    const failure = check(publication.kind, publication.document);
    if (failure) faulty.set(chain, `${publication.link.path} would not be valid: ${failure.detail}`);
  }
  return faulty;
}

function recordOutcome({ attempt, outcome, publication }: Unrecorded, result: Published, applied: Applied, applier: Applier): void {
  if (result === 'created') applied.created.push(publication);
  else if (result === 'differs' && publication.kind === 'receipt') applier.recordBeside(attempt, outcome, publication);
}

/** Decisions of this batch that are on disk with all their notices. */
function decidedWhole(steps: readonly PublishingStep[], results: readonly Published[]): string[] {
  const broken = new Set(steps.filter((_, i) => results[i] === 'differs' || results[i] === 'skipped').map(({ chain }) => chain));
  return steps.flatMap((step) => (step.kind === 'decide' && !broken.has(step.chain) ? [step.event] : []));
}
