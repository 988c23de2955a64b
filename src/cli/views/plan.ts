import { REASONS } from '../../model/reasons.ts';
import type { Step } from '../../model/steps.ts';
import { formatDuration } from '../../model/time.ts';
import type { Forecast } from '../../run/forecast.ts';
import type { Preview } from '../../run/preview.ts';
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
    case 'claim':
      return { step: step.kind, path, why: `attempt ${step.attempt.number} through ${step.attempt.sender.name} is taken over from its bridge` };
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

export function planText({ plan, now_ms, due, ahead }: Preview, ahead_ms: number | undefined, paint: Paint): string {
  const lines = plan.steps.map(describeStep).map(({ step, path, why }) => entry(paint('bold', step.padEnd(10)), path, why, paint));
  for (const item of due) lines.push(...forecastLines('find', item, paint));
  for (const { notice, because, until_ms } of plan.waiting) {
    lines.push(
      entry(paint('yellow', 'wait'.padEnd(10)), notice, because + (until_ms === null ? '' : ` until ${new Date(until_ms).toISOString()}`), paint),
    );
  }
  const steps = plan.steps.length + due.length;
  lines.push(steps === 0 ? 'nothing to do now' : `${plural(steps, 'step')} now; nothing was written. rgov reconcile would take them.`);
  if (ahead_ms !== undefined) lines.push('', ...aheadLines(ahead, ahead_ms, now_ms, paint));
  if (plan.nextDue_ms !== null)
    lines.push(`next step due: ${new Date(plan.nextDue_ms).toISOString()} (in ${formatDuration(plan.nextDue_ms - now_ms)})`);
  return lines.join('\n');
}

const entry = (head: string, what: string, why: string, paint: Paint): string => `${head} ${paint('reset', what)}\n           ${paint('dim', why)}`;

function aheadLines(ahead: readonly Forecast[], ahead_ms: number, now_ms: number, paint: Paint): string[] {
  const span = formatDuration(ahead_ms);
  if (ahead.length === 0) return [`nothing becomes due within ${span}`];
  return [
    `${paint('bold', `within ${span}, if nothing more is heard:`)}`,
    ...ahead.flatMap((item) => forecastLines(`in ${formatDuration(item.at_ms - now_ms)}`, item, paint)),
  ];
}

function forecastLines(head: string, { at_ms, what, whom, why, notices, withheld }: Forecast, paint: Paint): string[] {
  const told = notices.map(({ rule, target, requires }) => `-> ${target}, by ${rule}, requires ${requires}`);
  const untold = withheld.map(({ rule, reason }) => `-> nobody by ${rule}: ${reason}`);
  const outcome = told.length + untold.length === 0 && what !== 'retry_later' ? ['-> nobody: no rule matches'] : [...told, ...untold];
  return [
    entry(paint('yellow', head.padEnd(10)), `${new Date(at_ms).toISOString()}  ${what}  ${whom}`, why, paint),
    ...outcome.map((line) => `           ${paint('reset', line)}`),
  ];
}

export function forecastJson({ at_ms, ...item }: Forecast) {
  return { at: new Date(at_ms).toISOString(), ...item };
}
