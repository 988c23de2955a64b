import type { Deferral, QuarantineReason, Receipt, RuleVerdict } from './artifacts.ts';

type Reason = RuleVerdict['reason'] | Deferral['reason'] | Receipt['reason'] | QuarantineReason;

/** The closed list of reasons, with the sentence that `explain` prints. The schemas hold the same words; the types make sure of it. */
export const REASONS: Record<Reason, string> = {
  // decisions
  condition_true: 'the condition is true of this event',
  condition_false: 'the condition is not true of this event',
  condition_error: 'the condition could not be evaluated, so the human is told rather than not',
  deduplicated: 'a notice for the same key was raised within the window',
  posture_observe: 'the profile only observes: everything is decided and recorded, nothing is sent',
  requested: 'an operator asked for it, to see whether it arrives',
  escalated: 'nobody was proved to have got the notice before it, so the next one is told',
  superseded: 'a later reminder of the same silence was due already when this one was found',
  depth_limit: 'notices about notices go no deeper: a human has to look at rgov status',
  duplicate_event: 'another event has the same source and id; that one decides',
  // deferrals
  retryable: 'it did not get through; it can be tried again',
  ambiguous: 'it may have gone out; it is tried again with the same key, which the receiver ignores if it has it',
  not_begun: 'the process was stopped before the attempt began: nothing was sent, and it does not count',
  indeterminate: 'nobody can know whether it went out',
  // receipts
  evidence_sufficient: 'the evidence reaches what the notice requires',
  evidence_insufficient: 'there is evidence, but less than the notice requires',
  in_custody: 'another system has it and has not proved the outcome',
  acknowledged_by_human: 'a named human said so',
  rejected: 'it was refused for good, by the receiver or because the binding does not allow it',
  attempts_exhausted: 'no attempt is left',
  bounced: 'it was reported afterwards that it did not arrive',
  target_unbound: 'no sender is bound to its target',
  // quarantine
  not_a_regular_file: 'a link, folder, pipe or device stands where a file should be',
  too_large: 'the file is larger than any artifact may be',
  not_utf8: 'the bytes are not UTF-8',
  not_json: 'the file is not JSON',
  duplicate_key: 'a key stands twice in one object',
  forbidden_key: 'a key is not allowed in any document',
  too_deep: 'the document is nested too deeply',
  not_finite: 'a number is too large',
  schema_invalid: 'the document does not fit its schema',
  rule_violated: 'the document claims what it must not claim',
  name_invalid: 'the file name is no artifact name of this folder',
  name_mismatch: 'the file name does not follow from the content',
  parent_missing: 'what caused it is not there',
  parent_mismatch: 'what caused it has other bytes than it says',
};
