import type { RuleVerdict } from '../../model/artifacts.ts';
import { EVIDENCE_WORDS } from '../../model/evidence.ts';
import { REASONS } from '../../model/reasons.ts';
import type { AttemptChain, Chain, NoticeChain } from '../../run/chain.ts';
import type { Paint } from '../terminal.ts';
import { plural } from './pass.ts';

/** The whole chain in the order in which one thing caused the next, each with its file. */
export function explainText(chain: Chain, paint: Paint): string {
  const lines: string[] = [];
  if (chain.event) {
    const { type, subject, time, severity, provenance, data } = chain.event.document;
    lines.push(
      `${paint('bold', 'event')}     ${paint('reset', type)}  ${paint('reset', subject)}  ${severity}, ${provenance}, ${time}`,
      file(chain.event.link.path, paint),
    );
    if (typeof data?.['summary'] === 'string') lines.push(`            ${paint('reset', data['summary'])}`);
  }
  if (chain.decision) {
    const { policy, rules } = chain.decision.document;
    lines.push(
      '',
      `${paint('bold', 'decision')}  ${count(rules)}  (profile ${policy.profile}, posture ${policy.posture})`,
      file(chain.decision.link.path, paint),
    );
    lines.push(...rules.flatMap((verdict) => verdictLines(verdict, paint)));
  } else if (chain.event) {
    lines.push('', `${paint('bold', 'decision')}  ${paint('yellow', 'none yet: run rgov reconcile')}`);
  }
  for (const notice of chain.notices) lines.push('', ...noticeLines(notice, paint));
  if (chain.faults.length > 0) lines.push('', ...chain.faults.map((fault) => `${paint(['bold', 'red'], 'fault')}     ${paint('reset', fault)}`));
  return lines.join('\n');
}

const file = (path: string, paint: Paint): string => `          ${paint('dim', `state/${path}`)}`;

function count(rules: readonly RuleVerdict[]): string {
  const notify = rules.filter(({ outcome }) => outcome === 'notify').length;
  return `${plural(rules.length, 'rule')}, ${notify === 0 ? 'no notice required' : `${notify} require${notify === 1 ? 's' : ''} a notice`}`;
}

const MARKS = { notify: ['green', 'notify     '], withheld: ['yellow', 'withheld   '], not_matched: ['dim', 'not matched'] } as const;

function verdictLines({ pack, rule, outcome, reason, detail }: RuleVerdict, paint: Paint): string[] {
  const [style, mark] = MARKS[outcome];
  const line = `          ${paint(style, mark)} ${pack}/${rule}: ${reason}, ${REASONS[reason]}`;
  return detail === undefined ? [line] : [line, `                      ${paint('dim', detail)}`];
}

function noticeLines({ name, notice, attempts, receipts, current }: NoticeChain, paint: Paint): string[] {
  if (!notice) return [`${paint('bold', 'notice')}    ${name}  ${paint('red', 'is not in the queue')}`];
  const { title, target, requires, deadline } = notice.document;
  const lines = [
    `${paint('bold', 'notice')}    ${paint('reset', title)}`,
    file(notice.link.path, paint),
    `          to ${target}, requires ${requires} (${EVIDENCE_WORDS[requires]})${deadline === null ? '' : `, by ${deadline}`}`,
  ];
  for (const attempt of attempts) lines.push(...attemptLines(attempt, paint));
  if (attempts.length === 0 && current === null) lines.push(`  ${paint('bold', 'handoff')} ${paint('yellow', 'none yet: run rgov reconcile')}`);
  for (const { document, link } of receipts) {
    const truth =
      link.path === current?.link.path
        ? paint(document.status === 'acked' ? 'green' : document.status === 'blocked' ? 'red' : 'yellow', document.status)
        : `${document.status} (superseded)`;
    lines.push(`  ${paint('bold', 'receipt')} ${truth}: ${document.reason}, ${REASONS[document.reason]}`, file(link.path, paint));
    if (document.detail !== '') lines.push(`          ${paint('reset', document.detail)}`);
    if (document.custody !== null) lines.push(`          custody: ${paint('reset', document.custody)}`);
    for (const item of document.evidence)
      lines.push(
        `          proved: ${item.level} (${EVIDENCE_WORDS[item.level]}) by ${paint('reset', item.by)} at ${item.at}, reference ${paint('reset', item.reference)}`,
      );
    if (document.evidence.length === 0) lines.push('          proved: nothing');
  }
  return lines;
}

function attemptLines({ handoff, deferral }: AttemptChain, paint: Paint): string[] {
  const { attempt, sender, claimedAt } = handoff.document;
  const lines = [
    `  ${paint('bold', 'handoff')} attempt ${attempt} through ${sender.name} (${sender.kind}, can prove: ${sender.ceiling}) at ${claimedAt}`,
    file(handoff.link.path, paint),
  ];
  if (deferral) {
    const { reason, detail, retryAt } = deferral.document;
    lines.push(`          ${paint('yellow', 'came back')}: ${reason}, ${REASONS[reason]}: ${paint('reset', detail)}; again at ${retryAt}`);
  }
  return lines;
}
