import { REASONS } from '../../model/reasons.ts';
import type { Plan, Step } from '../../model/steps.ts';
import { formatDuration } from '../../model/time.ts';
import type { Paint } from '../terminal.ts';
import { plural } from './pass.ts';

export interface PlannedStep {
  step: Step['kind'];
  /** What will be created, or moved aside, below `state/`. */
  path: string;
  why: string;
}

/** A step as a program or a person reads it. */
export function describeStep(step: Step): PlannedStep {
  if (step.kind === 'quarantine') return { step: step.kind, path: step.file.path, why: `${step.file.reason}: ${step.file.detail}` };
  const { path } = step.publication.link;
  switch (step.kind) {
    case 'record': {
      const { subject, type, data } = step.publication.document;
      return { step: step.kind, path, why: `${type} of ${subject}: ${String(data?.['summary'] ?? '')}` };
    }
    case 'decide': {
      const rules = step.publication.document.rules.filter(({ outcome }) => outcome !== 'not_matched');
      const why = rules
        .map(({ rule, outcome, reason, detail }) => `${rule}: ${outcome} (${reason}${detail === undefined ? '' : `: ${detail}`})`)
        .join('; ');
      return { step: step.kind, path, why: why === '' ? 'no rule matches: no notice required' : why };
    }
    case 'enqueue': {
      const { title, target, requires } = step.publication.document;
      return { step: step.kind, path, why: `to ${target}, requires ${requires}: ${title}` };
    }
    case 'dispatch': {
      const { attempt, sender } = step.publication.document;
      return { step: step.kind, path, why: `attempt ${attempt} through ${sender.name} (${sender.kind}, can prove: ${sender.ceiling})` };
    }
    case 'defer':
    case 'settle': {
      const { reason, detail } = step.publication.document;
      return { step: step.kind, path, why: `${reason}, ${REASONS[reason]}: ${detail}` };
    }
  }
}

export function planText(plan: Plan, now_ms: number, paint: Paint): string {
  const lines = plan.steps
    .map(describeStep)
    .map(({ step, path, why }) => `${paint('bold', step.padEnd(10))} ${paint('reset', path)}\n           ${paint('dim', why)}`);
  for (const { notice, because, until_ms } of plan.waiting) {
    lines.push(
      `${paint('yellow', 'wait'.padEnd(10))} ${notice}\n           ${paint('dim', because + (until_ms === null ? '' : ` until ${new Date(until_ms).toISOString()}`))}`,
    );
  }
  lines.push(
    plan.steps.length === 0 ? 'nothing to do now' : `${plural(plan.steps.length, 'step')} now; nothing was written. rgov reconcile would take them.`,
  );
  if (plan.nextDue_ms !== null)
    lines.push(`next step due: ${new Date(plan.nextDue_ms).toISOString()} (in ${formatDuration(plan.nextDue_ms - now_ms)})`);
  return lines.join('\n');
}
