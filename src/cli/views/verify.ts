import { relative } from 'node:path';
import { type Finding, wordsOf } from '../../run/verify/finding.ts';
import type { VerifyReport } from '../../run/verify/index.ts';
import type { Paint } from '../terminal.ts';
import { plural } from './pass.ts';

const MAX_SHOWN = 100;

/** Every finding with its place; then what was checked, and what cannot be. */
export function verifyText(report: VerifyReport, paint: Paint): string {
  const { findings, moreFindings } = report;
  const total = findings.length + moreFindings;
  const sections = [
    ...(report.documents === null ? [] : [paint('yellow', report.documents)]),
    ...(total === 0
      ? []
      : [
          findings
            .slice(0, MAX_SHOWN)
            .flatMap((finding) => findingLines(finding, paint))
            .join('\n'),
        ]),
    ...(total > MAX_SHOWN ? [`... and ${total - MAX_SHOWN} more: rgov verify --json`] : []),
    [verdict(report, total, paint), ...summary(report, paint)].join('\n'),
    cannot(report, paint),
  ];
  return sections.join('\n\n');
}

function findingLines({ path, reason, detail, since }: Finding, paint: Paint): string[] {
  return [
    `${paint(['bold', 'red'], reason)}  ${paint('reset', path)}`,
    `  ${paint('reset', wordsOf(reason))}${detail === '' ? '' : `: ${paint('reset', detail)}`}`,
    ...(since === null ? [] : [`  ${paint('dim', `since ${since}`)}`]),
  ];
}

function verdict({ artifacts, days, state }: VerifyReport, total: number, paint: Paint): string {
  const what = `${plural(artifacts.read + artifacts.vouched, 'artifact')} of ${plural(days.verified, 'day')} in ${shorter(state)}`;
  return total === 0
    ? `${paint('green', 'nothing is amiss')} with ${paint('reset', what)}`
    : `${paint(['bold', 'red'], plural(total, 'finding'))} among ${paint('reset', what)}`;
}

function summary({ ok, artifacts, seals, archives, signatures, git, quarantined }: VerifyReport, paint: Paint): string[] {
  const { allowedSigners, newest } = signatures;
  const signed = `${plural(signatures.signed, 'seal')} signed`;
  const who =
    newest === null ? '' : `, the newest by ${newest.by} for ${newest.day}${signatures.checked > 1 ? `; ${signatures.checked} checked` : ''}`;
  const chain = ok ? `${plural(seals.count, 'seal')} in one chain from ${seals.from}` : `${plural(seals.count, 'seal')} from ${seals.from}`;
  const vouched = `${archives.count - archives.opened} by the hash that a seal names (${plural(artifacts.vouched, 'artifact')})`;
  return [
    `  read         ${plural(artifacts.read, 'artifact')}: schema, name, links, and what is possible`,
    seals.count === 0 ? '  sealed       nothing' : `  sealed       through ${seals.through}, ${chain}`,
    ...(archives.count === 0 ? [] : [`  archives     ${archives.count}: ${vouched}, ${archives.opened} opened`]),
    signatures.signed > 0 && allowedSigners === null
      ? `  signatures   ${signed}, not checked: nobody says who may sign (--allowed-signers FILE)`
      : `  signatures   ${signatures.signed === 0 ? 'none' : signed}${paint('reset', who)}`,
    ...(git === null ? [] : [`  git          ${plural(git.commits, 'commit')}${git.range === null ? '' : ` in ${paint('reset', git.range)}`}`]),
    ...(quarantined === 0 ? [] : [`  quarantined  ${plural(quarantined, 'file')} that could not be read: rgov status`]),
  ];
}

/** Said every time: silence about it would claim more than can be proved. */
function cannot({ undetectable }: VerifyReport, paint: Paint): string {
  const { what, notSealedFrom, artifacts } = undetectable;
  const tail = notSealedFrom === null ? 'every day here is sealed' : `not sealed: ${plural(artifacts, 'artifact')}, from ${notSealedFrom} on`;
  return `${paint('yellow', 'cannot be detected')}: ${what}\n  ${tail}`;
}

/** A path as one would type it from here. */
function shorter(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.length < path.length ? `./${fromHere}` : path;
}
