import type { ValidateFunction } from 'ajv';
import type { ArtifactKind, ArtifactKinds, Receipt } from './artifacts.ts';
import { highest, reaches } from './evidence.ts';
import validateClaim from './generated/validate-claim.js';
import validateConfirmation from './generated/validate-confirmation.js';
import validateDecision from './generated/validate-decision.js';
import validateDeferral from './generated/validate-deferral.js';
import validateEvent from './generated/validate-event.js';
import validateHandoff from './generated/validate-handoff.js';
import validateNotice from './generated/validate-notice.js';
import validateQuarantineNote from './generated/validate-quarantine-note.js';
import validateReceipt from './generated/validate-receipt.js';
import validateReopening from './generated/validate-reopening.js';
import validateSubjectRecord from './generated/validate-subject-record.js';

const VALIDATORS: Record<ArtifactKind, ValidateFunction> = {
  event: validateEvent,
  decision: validateDecision,
  notice: validateNotice,
  handoff: validateHandoff,
  claim: validateClaim,
  deferral: validateDeferral,
  receipt: validateReceipt,
  reopening: validateReopening,
  confirmation: validateConfirmation,
  'subject-record': validateSubjectRecord,
  'quarantine-note': validateQuarantineNote,
};

export type CheckFailure = { reason: 'schema_invalid' | 'rule_violated'; detail: string };

/** What is wrong with a document of that kind, by its schema and by the rules that no schema can say; null if nothing is. */
export function check(kind: ArtifactKind, document: unknown): CheckFailure | null {
  const validate = VALIDATORS[kind];
  if (!validate(document)) return { reason: 'schema_invalid', detail: describeSchemaErrors(validate.errors) };
  const broken =
    kind === 'receipt' ? brokenReceiptRule(document as Receipt) : kind === 'event' ? brokenTime(document as ArtifactKinds['event']) : null;
  return broken ? { reason: 'rule_violated', detail: broken } : null;
}

function describeSchemaErrors(errors: ValidateFunction['errors']): string {
  const lines = (errors ?? [])
    .filter((error) => error.keyword !== 'if')
    .slice(0, 5)
    .map((error) => {
      const extra = error.keyword === 'additionalProperties' ? ` (${String(error.params['additionalProperty']).slice(0, 80)})` : '';
      const allowed = error.keyword === 'enum' ? ` (${(error.params['allowedValues'] as unknown[]).join(', ')})` : '';
      return `${error.instancePath || '/'} ${error.message}${extra}${allowed}`;
    });
  return lines.join('; ');
}

/** `claims-proved`: acked needs evidence at or above what is required. `below-ceiling`: no sender proves more than it can. */
function brokenReceiptRule(receipt: Receipt): string | null {
  const best = highest(receipt.evidence.map((item) => item.level));
  if (receipt.status === 'acked' && !reaches(best, receipt.requires)) {
    return `claims-proved: acked needs evidence ${receipt.requires}, there is ${best}`;
  }
  const above = receipt.evidence.find((item) => !item.by.startsWith('human:') && !reaches(receipt.ceiling, item.level));
  if (above) return `below-ceiling: ${above.by} claims ${above.level}, its ceiling is ${receipt.ceiling}`;
  const notHuman = receipt.evidence.find((item) => item.level === 'acknowledged' && !item.by.startsWith('human:'));
  return notHuman ? `acknowledged-by-human: ${notHuman.by} is no named human` : null;
}

/** The schema has checked the form; a day that does not exist (30 February) would come back as another one. */
function brokenTime(event: ArtifactKinds['event']): string | null {
  for (const time of [event.time, event.recordedtime]) {
    const ms = Date.parse(time);
    if (Number.isNaN(ms) || new Date(ms).toISOString() !== time) return `time-exists: ${time} is no date`;
  }
  return null;
}
