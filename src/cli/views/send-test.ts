import { EVIDENCE_WORDS } from '../../model/evidence.ts';
import { REASONS } from '../../model/reasons.ts';
import type { Waiting } from '../../model/steps.ts';
import type { SendTestReport, TestAttempt, TestOutcome } from '../../run/send-test.ts';
import type { Paint } from '../terminal.ts';

const VERDICTS: Record<TestOutcome, { style: 'green' | 'red' | 'yellow'; words: string }> = {
  acked: { style: 'green', words: 'what is required was proved' },
  blocked: { style: 'red', words: 'it did not get out' },
  pending: { style: 'yellow', words: 'another system has it, and what is required is not proved' },
  waiting: { style: 'yellow', words: 'it is not out yet' },
  withheld: { style: 'red', words: 'no notice was raised' },
  undecided: { style: 'red', words: 'the pass did not get as far as this test' },
};

const WAITS: Record<Waiting['because'], string> = {
  retry_later: 'it is tried again later',
  attempt_in_flight: 'another process is at work on it',
  posture_observe: 'the profile only observes by now',
  proof_awaited: 'proof is awaited',
  bridge_awaited: 'its sender has a bridge of its own, which has to take it',
  rate_limited: 'its sender may not send more often',
  circuit_open: 'its sender has failed so often that it pauses',
  receiver_asked: 'the receiver has asked to be left alone for a while',
  sender_busy: 'its sender is busy with others',
};

const LABEL = 12;
const INDENT = ' '.repeat(LABEL);

/** What came of a test, in words: each attempt, what is proved and what is not, and where to look. */
export function sendTestText(report: SendTestReport, paint: Paint): string {
  const { outcome, target, requires, attempts, failures, files } = report;
  const { style } = VERDICTS[outcome];
  const words = report.receipt?.reason === 'indeterminate' ? 'nobody can know whether it got out' : VERDICTS[outcome].words;
  const label = (text: string, i = 0): string => (i === 0 ? paint('bold', text.padEnd(LABEL)) : INDENT);
  const lines = [
    `${paint(['bold', style], outcome.padEnd(LABEL))}a test notice to ${paint('reset', target)}: ${words}`,
    `${INDENT}required: ${requires} (${EVIDENCE_WORDS[requires]})`,
    ...[...receiptLines(report), ...waitingLines(report)].map((line) => `${INDENT}${paint('reset', line)}`),
    ...failures.map((failure) => `${INDENT}${paint('red', failure)}`),
    '',
    ...(attempts.length === 0 ? [`${label('attempts')}none`] : attempts.flatMap((attempt) => attemptLines(attempt, label, paint))),
    '',
    ...proofLines(report, label, paint),
    '',
    ...files.map((path, i) => `${label('files', i)}${paint('dim', `state/${path}`)}`),
    ...nextCommands(report).map((command, i) => `${label('next', i)}${paint('cyan', command)}`),
  ];
  return lines.join('\n');
}

type Label = (text: string, i?: number) => string;

function receiptLines({ receipt, withheld }: SendTestReport): string[] {
  if (withheld !== null) return [`${withheld}, ${REASONS[withheld]}`];
  if (receipt === null) return [];
  const { reason, detail, custody } = receipt;
  return [`${reason}, ${REASONS[reason]}`, ...(detail === '' ? [] : [detail]), ...(custody === null ? [] : [`custody: ${custody}`])];
}

function waitingLines({ waiting, attempts }: SendTestReport): string[] {
  if (waiting === null) return [];
  const { because, until } = waiting;
  const line = `${because}, ${WAITS[because]}${until === null ? '' : `: ${until}`}`;
  const last = attempts.at(-1);
  return because === 'bridge_awaited' && last ? [line, `handoff: state/${last.path}`] : [line];
}

const ATTEMPT_WORDS: Record<TestAttempt['outcome'], string> = {
  came_back: 'came back',
  ended: 'came to an end: the receipt says how',
  under_way: 'is under way',
  left_to_bridge: 'waits for the bridge of its sender',
};

function attemptLines({ number, target, sender, at, outcome, reason, detail, retryAt }: TestAttempt, label: Label, paint: Paint): string[] {
  const { name, kind, ceiling } = sender;
  const why = reason === null ? '' : `: ${reason}, ${REASONS[reason]}: ${paint('reset', detail)}${retryAt === null ? '' : `; again at ${retryAt}`}`;
  return [
    `${label(`attempt ${number}`)}to ${paint('reset', target)} through ${paint('reset', name)} (${kind}, can prove: ${ceiling}) at ${at}`,
    `${INDENT}${reason === null ? ATTEMPT_WORDS[outcome] : paint('yellow', ATTEMPT_WORDS[outcome])}${why}`,
  ];
}

function proofLines({ proved, notProved }: SendTestReport, label: Label, paint: Paint): string[] {
  const lines = proved.map(
    ({ level, by, at, reference }, i) =>
      `${label('proved', i)}${paint('green', level)} (${EVIDENCE_WORDS[level]}) by ${paint('reset', by)} at ${at}, reference ${paint('reset', reference)}`,
  );
  if (lines.length === 0) lines.push(`${label('proved')}nothing`);
  return [...lines, ...notProved.map((level, i) => `${label('NOT proved', i)}${level} (${EVIDENCE_WORDS[level]})`)];
}

function nextCommands({ notice, event, outcome, receipt, waiting, attempts }: SendTestReport): string[] {
  const part = (notice ?? event).slice(-12);
  const bridge = waiting?.because === 'bridge_awaited' ? attempts.at(-1)?.sender.name : undefined;
  const mayHaveArrived = outcome === 'pending' || receipt?.reason === 'indeterminate';
  return [
    ...(bridge === undefined ? [] : [`rgov bridge --sender ${bridge}`]),
    ...(bridge === undefined && (outcome === 'waiting' || outcome === 'undecided') ? ['rgov reconcile'] : []),
    ...(mayHaveArrived ? [`rgov ack ${part} --by NAME    # if it has arrived`] : []),
    `rgov explain ${part}`,
  ];
}
