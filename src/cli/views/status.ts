import { relative } from 'node:path';
import { EVIDENCE_WORDS } from '../../model/evidence.ts';
import { REASONS } from '../../model/reasons.ts';
import { formatDuration } from '../../model/time.ts';
import type { SilentSubject } from '../../run/silent.ts';
import type { StatusReport } from '../../run/status.ts';
import type { UnprovenNotice } from '../../run/status-day.ts';
import type { Paint } from '../terminal.ts';
import { plural } from './pass.ts';

const MAX_SHOWN = 20;
const MAX_PROBLEMS_SHOWN = 5;

/** What needs a human first, then the counts. */
export function statusText(report: StatusReport, paint: Paint): string {
  const { counts } = report;
  const sections = [
    documentsSection(report, paint),
    report.watch?.late ? paint(['bold', 'red'], report.watch.detail) : '',
    silentSection(report, paint),
    section('blocked', 'it did not get out, or nobody can know whether it did', report.blocked, 'red', report, paint),
    section('pending', 'another system has it; nobody has proved that a human saw it', report.pending, 'yellow', report, paint),
    section('not sent yet', 'in the queue, which is not a delivery', report.queued, 'yellow', report, paint),
    section('overdue', 'past the deadline without the required proof', report.overdue, 'red', report, paint),
    quarantineSection(report, paint),
    report.unreadable.map(({ path, detail }) => `${paint('red', 'unreadable')} ${paint('reset', path)}: ${paint('reset', detail)}`).join('\n'),
    report.lastPass === null && !report.watch
      ? paint('yellow', 'no pass has come to its end here yet: nothing is watched until rgov reconcile runs')
      : '',
  ].filter((text) => text !== '');
  const work = counts.undecided + counts.queued;
  // Before a pass has looked at them, nobody knows what those events ask for.
  if (!report.needsHuman) sections.push(work > 0 ? paint('yellow', 'nothing is known to need a human yet') : paint('green', 'nothing needs a human'));
  const lines = [
    `${plural(counts.events, 'event')}, ${plural(counts.notices, 'notice')}: ${counts.acked} acked, ${counts.pending_external_send} pending_external_send, ${counts.blocked} blocked, ${counts.queued} not sent yet`,
    ...(work > 0 ? [`${plural(counts.undecided, 'event')} undecided, ${plural(counts.queued, 'notice')} not sent: ${nextPass(counts)}`] : []),
    lastPass(report),
    ...(report.sealedThrough === null ? [] : [`sealed through ${report.sealedThrough}`]),
    paint('dim', `binding ${report.binding}, profile ${report.profile}, posture ${report.posture}, state ${shorter(report.state)}`),
  ];
  return [...sections, lines.join('\n')].join('\n\n');
}

function section(
  title: string,
  meaning: string,
  items: readonly UnprovenNotice[],
  style: 'red' | 'yellow',
  report: StatusReport,
  paint: Paint,
): string {
  if (items.length === 0) return '';
  const lines = [`${paint(['bold', style], `${title} (${items.length})`)} ${paint('dim', meaning)}`];
  for (const item of items.slice(0, MAX_SHOWN)) {
    lines.push(`  ${paint('reset', item.title)}`);
    if (title !== 'overdue') lines.push(...details(item, report, paint));
    else
      lines.push(
        `    ${hashOf(item.notice)}  ${item.status ?? 'not sent yet'}, due ${item.deadline}, late by ${age(item.deadline ?? item.since, report)}`,
      );
  }
  if (items.length > MAX_SHOWN) lines.push(`  ... and ${items.length - MAX_SHOWN} more: rgov status --json`);
  return lines.join('\n');
}

function details(item: UnprovenNotice, report: StatusReport, paint: Paint): string[] {
  const why = item.reason === null ? '' : `${item.reason}: ${REASONS[item.reason]}`;
  const lines = [
    `    ${hashOf(item.notice)}  to ${item.target}, for ${age(item.since, report)}, requires ${item.requires} (${EVIDENCE_WORDS[item.requires]})`,
    `    ${paint('dim', why)}${item.reason === null ? paint('reset', item.detail) : ''}${item.custody === null ? '' : `, custody ${paint('reset', item.custody)}`}${item.reason === null || item.detail === '' ? '' : `: ${paint('reset', item.detail)}`}`,
  ];
  for (const { level, by, reference } of item.proved) {
    lines.push(`    proved: ${level} (${EVIDENCE_WORDS[level]}) by ${paint('reset', by)}, reference ${paint('reset', reference)}`);
  }
  if (item.status !== null) lines.push(`    not proved: ${item.notProved.join(', ')}`);
  lines.push(
    `    ${nextCommands(item)
      .map((command) => paint('cyan', command))
      .join('   ')}`,
  );
  return lines;
}

function nextCommands({ notice, status }: UnprovenNotice): string[] {
  const hash = hashOf(notice);
  const commands = [`rgov explain ${hash}`, `rgov ack ${hash} --by NAME`];
  if (status === 'blocked') commands.push(`rgov retry ${hash} --by NAME`);
  if (status === 'pending_external_send') commands.push(`rgov confirm ${hash} --failed REASON`);
  return commands;
}

/** Everything below is seen with documents that no longer stand there: that has to be said before anything else. */
function documentsSection({ documents }: StatusReport, paint: Paint): string {
  if (documents.valid) return '';
  const { problems } = documents;
  const lines = [paint(['bold', 'red'], `the declared documents have ${plural(problems.length, 'problem')} since they were edited`)];
  for (const { file, line, message } of problems.slice(0, MAX_PROBLEMS_SHOWN)) {
    lines.push(`  ${paint('red', line > 0 ? `${file}:${line}: ${message}` : `${file}: ${message}`)}`);
  }
  if (problems.length > MAX_PROBLEMS_SHOWN) lines.push(`  ... and ${problems.length - MAX_PROBLEMS_SHOWN} more`);
  lines.push(
    `  what follows is seen with the last valid catalog (${documents.digest.slice(0, 12)}), which a running rgov watch still uses;`,
    `  rgov reconcile refuses to run until they are mended: ${paint('cyan', 'rgov validate')}`,
  );
  return lines.join('\n');
}

function silentSection(report: StatusReport, paint: Paint): string {
  const { silent } = report;
  if (silent.length === 0) return '';
  const lines = [`${paint(['bold', 'red'], `silent (${silent.length})`)} ${paint('dim', 'they owe a word and have not given it in time')}`];
  for (const item of silent.slice(0, MAX_SHOWN)) lines.push(...silentLines(item, report, paint));
  if (silent.length > MAX_SHOWN) lines.push(`  ... and ${silent.length - MAX_SHOWN} more: rgov status --json`);
  return lines.join('\n');
}

function silentLines({ subject, expectation, since, lastWord, run }: SilentSubject, report: StatusReport, paint: Paint): string[] {
  const heard = lastWord === null ? 'never heard of' : `last heard of ${lastWord}, ${age(lastWord, report)} ago`;
  return [
    `  ${paint('reset', subject)}${run === null ? '' : `  run ${paint('reset', run)}`}`,
    `    ${paint('reset', expectation)}, due ${since}, late by ${age(since, report)}, ${heard}`,
  ];
}

function quarantineSection({ quarantined }: StatusReport, paint: Paint): string {
  if (quarantined.length === 0) return '';
  const lines = [`${paint(['bold', 'red'], `quarantined (${quarantined.length})`)} ${paint('dim', 'could not be read, moved aside')}`];
  for (const { file, path, reason, detail } of quarantined.slice(0, MAX_SHOWN)) {
    lines.push(`  ${paint('reset', path)}  ${reason}: ${paint('reset', detail)}`, `    ${paint('dim', `state/${file}`)}`);
  }
  if (quarantined.length > MAX_SHOWN) lines.push(`  ... and ${quarantined.length - MAX_SHOWN} more: ls state/quarantine/*`);
  return lines.join('\n');
}

/** What is queued may wait for its time or for a bridge; then a pass now does nothing for it. */
const nextPass = ({ undecided }: StatusReport['counts']): string => (undecided > 0 ? 'run rgov reconcile' : 'rgov reconcile sends what is due');

function lastPass({ lastPass, at }: StatusReport): string {
  if (lastPass === null) return 'last pass: none yet';
  const next = lastPass.nextDue === null ? 'nothing is due' : `next step due ${lastPass.nextDue}`;
  const age_ms = Date.parse(at) - Date.parse(lastPass.finishedAt);
  if (age_ms < -60_000) return `last pass: recorded at ${lastPass.finishedAt}, which is still to come: the clock was wrong then or is now`;
  return `last pass: ${formatDuration(age_ms)} ago, ${next}`;
}

const age = (since: string, { at }: StatusReport): string => formatDuration(Date.parse(at) - Date.parse(since));

/** The shortest part of a name that is unique in practice. */
const hashOf = (name: string): string => name.slice(-12);

/** A path as one would type it from here. */
function shorter(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.length < path.length ? `./${fromHere}` : path;
}
