import { publication } from './publication.ts';
import type { PlannedAttempt, Step } from './steps.ts';

/** A step that claims an attempt for this process: a handoff of its own, or the claim on one that was handed to it. */
export type ClaimingStep = Extract<Step, { kind: 'dispatch' | 'claim' }> & { attempt: PlannedAttempt };

export function isClaiming(step: Step): step is ClaimingStep {
  return (step.kind === 'dispatch' || step.kind === 'claim') && step.attempt !== null;
}

/** The same claim, made now: one that was planned a while ago would lie about its time. */
export function claimedNow(step: ClaimingStep, now_ms: number): ClaimingStep {
  const claimedAt = new Date(now_ms).toISOString();
  const { file, document } = step.publication;
  const { name } = step.attempt.notice;
  if (step.kind === 'claim') {
    return { ...step, publication: publication('claim', 'handoffs', name, file, { ...step.publication.document, claimedAt }) };
  }
  const handoff = publication('handoff', 'handoffs', name, file, { ...(document as typeof step.publication.document), claimedAt });
  return { ...step, publication: handoff, attempt: { ...step.attempt, handoff: handoff.link } };
}
