import type { Evidence, Receipt, Reopening, RuleVerdict, Stored } from '../../model/artifacts.ts';
import { EVIDENCE_WORDS } from '../../model/evidence.ts';
import { dayOf } from '../../model/names.ts';
import { REASONS } from '../../model/reasons.ts';
import type { AttemptChain, Chain, NoticeChain } from '../../run/chain.ts';
import type { LateWord } from '../../run/late-words.ts';
import { proofOf } from '../../run/proof.ts';
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

function noticeLines(chain: NoticeChain, paint: Paint): string[] {
  const { name, notice, attempts, current, waiting } = chain;
  if (!notice) return [`${paint('bold', 'notice')}    ${name}  ${paint('red', 'is not in the queue')}`];
  const { title, target, requires, deadline } = notice.document;
  const lines = [
    `${paint('bold', 'notice')}    ${paint('reset', title)}`,
    file(notice.link.path, paint),
    `          to ${target}, requires ${requires} (${EVIDENCE_WORDS[requires]})${deadline === null ? '' : `, by ${deadline}`}`,
  ];
  for (const step of inOrder(chain)) {
    if ('handoff' in step) lines.push(...attemptLines(step, notice.document.target, paint));
    else if (step.document.kind === 'Reopening') lines.push(...reopeningLines(step as Stored<Reopening>, chain, paint));
    else lines.push(...receiptLines(step as Stored<Receipt>, chain, paint));
  }
  if (attempts.length === 0 && current === null) lines.push(`  ${paint('bold', 'handoff')} ${paint('yellow', 'none yet: run rgov reconcile')}`);
  if (waiting !== null) {
    lines.push(`  ${paint('bold', 'receipt')} ${paint('yellow', 'none yet')}: ${paint('reset', waiting)}`, '          proved: nothing');
  }
  for (const word of chain.late) lines.push(...lateLines(word, paint));
  return lines;
}

function lateLines({ event, at, evidence, failure }: LateWord, paint: Paint): string[] {
  const what =
    failure === null
      ? evidence === null
        ? 'nothing'
        : `proved: ${evidenceWords(evidence, paint)}`
      : `it did not arrive: ${paint('reset', `${failure.by}: ${failure.detail}`)}`;
  return [`  ${paint('bold', 'said late')}, at ${at}, after its day was sealed: ${what}`, file(`events/${dayOf(event)}/${event}.json`, paint)];
}

type Step = AttemptChain | Stored<Receipt> | Stored<Reopening>;

/** Attempts and revisions in the order in which they came about; where clocks say the same, what caused the other comes first. */
function inOrder({ attempts, receipts, reopenings }: NoticeChain): Step[] {
  const revisions = [...receipts, ...reopenings].sort((a, b) => a.document.revision - b.document.revision);
  const waiting = [...attempts];
  const steps: Step[] = [];
  for (const revision of revisions) {
    while (waiting[0] && comesBefore(waiting[0], revision)) steps.push(waiting.shift() as AttemptChain);
    steps.push(revision);
  }
  return [...steps, ...waiting];
}

function comesBefore({ handoff }: AttemptChain, { document }: Stored<Receipt> | Stored<Reopening>): boolean {
  const { attempt, claimedAt, dispatchedAt } = handoff.document;
  if (document.kind === 'Reopening') return attempt <= document.afterAttempt;
  const about = /\.(\d+)\.json$/.exec(document.handoff?.path ?? '')?.[1];
  return attempt <= Number(about ?? 0) || (claimedAt ?? dispatchedAt ?? '') < document.recordedAt;
}

const STATUS_STYLE = { acked: 'green', blocked: 'red', pending_external_send: 'yellow' } as const;

function receiptLines({ document, link }: Stored<Receipt>, { receipts, current }: NoticeChain, paint: Paint): string[] {
  const { status, reason, detail, custody, evidence, requires, recordedAt } = document;
  const isTruth = link.path === current?.link.path;
  const truth = isTruth ? paint(STATUS_STYLE[status], status) : `${status} (superseded)`;
  const lines = [`  ${paint('bold', 'receipt')} ${truth}: ${reason}, ${REASONS[reason]}, at ${recordedAt}`, file(link.path, paint)];
  if (detail !== '') lines.push(`          ${paint('reset', detail)}`);
  if (custody !== null) lines.push(`          custody: ${paint('reset', custody)}`);
  for (const item of evidence) lines.push(`          proved: ${evidenceWords(item, paint)}`);
  const before = receipts.find((receipt) => receipt.link.path === document.previous?.path);
  for (const item of before?.document.evidence ?? []) {
    if (!evidence.some(({ by, level, reference }) => by === item.by && level === item.level && reference === item.reference)) {
      lines.push(`          taken back: ${evidenceWords(item, paint)}`);
    }
  }
  if (evidence.length === 0) lines.push('          proved: nothing');
  const { notProved } = proofOf(document, requires);
  if (isTruth && notProved.length > 0) lines.push(`          not proved: ${notProved.join(', ')}`);
  return lines;
}

const evidenceWords = ({ level, by, at, reference, detail }: Evidence, paint: Paint): string =>
  `${level} (${EVIDENCE_WORDS[level]}) by ${paint('reset', by)} at ${at}, reference ${paint('reset', reference)}${detail === undefined ? '' : `, ${paint('reset', detail)}`}`;

function reopeningLines({ document, link }: Stored<Reopening>, { reopened }: NoticeChain, paint: Paint): string[] {
  const { by, note, recordedAt, afterAttempt } = document;
  const who = paint('reset', by.replace(/^human:/, ''));
  const next = link.path === reopened?.link.path ? `; ${paint('yellow', `attempt ${afterAttempt + 1} is the next`)}` : '';
  return [
    `  ${paint('bold', 'reopened')} by ${who} at ${recordedAt}${note === '' ? '' : `: ${paint('reset', note)}`}${next}`,
    file(link.path, paint),
  ];
}

function attemptLines({ handoff, claim, deferral }: AttemptChain, target: string, paint: Paint): string[] {
  const { attempt, sender, claimedAt, dispatchedAt, via } = handoff.document;
  const way = via === undefined ? '' : via.target === target ? `, attempt ${via.attempt} on this way` : `, by way of its fallback ${via.target}`;
  const lines = [
    `  ${paint('bold', 'handoff')} attempt ${attempt} through ${sender.name} (${sender.kind}, can prove: ${sender.ceiling}) at ${claimedAt ?? dispatchedAt}${way}`,
    file(handoff.link.path, paint),
  ];
  if (claim) {
    const { owner, claimedAt: takenAt } = claim.document;
    lines.push(
      `          claimed by a bridge, process ${owner.pid} on machine ${owner.machine.slice(0, 8)}, at ${takenAt}`,
      file(claim.link.path, paint),
    );
  } else if (claimedAt === null) lines.push(`          left to the bridge of ${sender.name}, ${paint('yellow', 'which has not claimed it')}`);
  if (deferral) {
    const { reason, detail, retryAt, fallback } = deferral.document;
    const next = fallback === undefined ? `again at ${retryAt}` : `it goes on to the fallback ${paint('reset', fallback)}`;
    lines.push(
      `          ${paint('yellow', 'came back')}: ${reason}, ${REASONS[reason]}: ${paint('reset', detail)}; ${next}`,
      file(deferral.link.path, paint),
    );
  }
  return lines;
}
