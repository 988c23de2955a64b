import type { QuarantineReason } from '../../model/artifacts.ts';
import { REASONS } from '../../model/reasons.ts';

/** What verify alone finds, beside files that no artifact can be read from. A closed list, with the sentence that is printed. */
export const OWN_REASONS = {
  // files
  unreadable: 'it cannot be read, so that nobody can vouch for it',
  // links
  cause_missing: 'an artifact names it as its cause, and it is not there',
  cause_altered: 'it has other bytes than the artifact says that names it as its cause',
  link_wrong: 'a link leads to another place than a link of its kind leads to',
  // event, decision, notice
  filed_wrongly: 'it is filed under another day than its own, without a cause for that',
  decision_contradicts: 'the decision contradicts itself',
  notice_missing: 'a decision asks for a notice that is not there',
  notice_not_decided: 'no decision asks for this notice',
  notice_differs: 'the notice says something else than its decision or its event',
  // attempts
  key_differs: 'an attempt has another idempotency key than its notice',
  attempt_out_of_order: 'the attempt before it is not there, or did not come back',
  attempt_after_end: 'an attempt was made after the outcome of the last one, and nobody had opened the notice again',
  claim_contradicts: 'it is half claimed: owner, time and lease belong together',
  claimed_twice: 'the attempt was claimed twice',
  outcome_unclaimed: 'an attempt that nobody had claimed has an outcome',
  two_outcomes: 'the attempt came back, and has a final outcome, too',
  // receipts
  receipt_without_handoff: 'the receipt tells of an attempt, and names none',
  revision_gap: 'a revision is missing',
  revision_out_of_order: 'a revision does not build on the one before it',
  requires_differs: 'the receipt asks for other proof than its notice',
  status_contradicts_evidence: 'the evidence reaches what is required, and the receipt does not say so',
  evidence_above_ceiling: 'there is more evidence than the way out can ever prove',
  evidence_by_stranger: 'somebody vouches for it who had nothing to do with it',
  evidence_vanished: 'evidence of the revision before is gone, and nobody took it back',
  reopened_without_cause: 'it was opened again, and was not blocked',
  // seals and archives
  seal_malformed: 'it is no seal',
  seal_missing: 'a seal is missing',
  seal_altered: 'the seal has other bytes than the next seal says',
  seal_chain_broken: 'the seals form no single chain',
  day_unsealed: 'the day is closed and holds artifacts, and no seal names them',
  artifact_missing: 'a sealed artifact is gone',
  artifact_altered: 'the artifact has other bytes than its seal says',
  artifact_added: 'the artifact came into a sealed day',
  archive_missing: 'a sealed archive is gone',
  archive_altered: 'the archive has other bytes than the seal says that names it',
  archive_unsealed: 'no seal stands behind the archive',
  archive_unreadable: 'the archive cannot be read',
  // signatures
  signature_missing: 'the newest seal is not signed',
  signature_invalid: 'the signature is not that of an allowed signer over this seal',
  signature_without_seal: 'a signature without its seal',
  // git
  history_altered: 'a commit changed a file that is never changed',
  history_removed: 'a commit removed a file that is never removed',
  history_moved: 'a commit moved a file that is never moved',
  history_rewritten: 'a commit that was part of the history is no part of it any more',
  worktree_altered: 'the file differs from what was committed',
  worktree_removed: 'the file was committed and is gone',
  history_unreadable: 'the history cannot be read',
} as const satisfies Record<string, string>;

/** Those of quarantine among them are about the file itself: nothing can be read from it. */
export type FindingReason = QuarantineReason | keyof typeof OWN_REASONS;

/** Something that is not as this program leaves it. */
export interface Finding {
  /** Below `state/`. */
  path: string;
  reason: FindingReason;
  detail: string;
  /**
   * Since when it is known to be so: the last change of the file (or, of one that is gone, of its folder), the time that
   * the artifact itself names where artifacts contradict each other, or a commit. Null where nothing says.
   */
  since: string | null;
}

/** The sentence that stands for a reason. */
export function wordsOf(reason: FindingReason): string {
  return reason in OWN_REASONS ? OWN_REASONS[reason as keyof typeof OWN_REASONS] : REASONS[reason as QuarantineReason];
}
