import type { Command } from 'commander';
import { EXIT_CODES, RgovError } from '../../model/errors.ts';
import { oneLine, truncate } from '../../model/text.ts';
import { parseTime } from '../../model/time.ts';
import { type CommonOptions, optionsOf, withExamples, withJson, withWorkspace } from '../options.ts';
import { withProgress } from '../progress.ts';
import { painter, print, printJson } from '../terminal.ts';
import { verifyText } from '../views/verify.ts';

interface VerifyCommandOptions extends CommonOptions {
  state?: string;
  day?: string;
  since?: string;
  deep?: boolean;
  git?: string | true;
  allowedSigners?: string;
}

export function register(program: Command): Command {
  const command = program
    .command('verify')
    .option('--state <dir>', 'the state folder itself: needs neither a workspace nor valid documents')
    .option('--day <day>', 'only this UTC day, as 2026-11-22; the chain of seals is always checked from end to end')
    .option('--since <day>', 'only this UTC day and those after it')
    .option('--deep', 'also every artifact of every archive, and every signature; otherwise the hash that a seal names vouches for an archive')
    .option('--git [range]', 'also that the history in git only ever added to state/: all of it, or a range such as v1..HEAD')
    .option('--allowed-signers <file>', 'whose signatures count (default: spec.seal.allowedSigners of the binding)')
    .summary('check that nothing under state/ was altered, removed or made up')
    .description(
      'Checks every artifact: schema, name against content, links by SHA-256, and that nothing impossible happened; then seals and their chain, archives and signatures. Writes nothing. Exit code 1 with every finding: where, what, and since when. sha256sum, git log and ssh-keygen confirm the main part without this program: docs/verify.md.',
    );
  withExamples(
    withJson(withWorkspace(command)),
    'rgov verify',
    'rgov verify --since 2026-11-20',
    'rgov verify --deep --git --allowed-signers allowed_signers',
    'rgov verify --state /mnt/backup/state    # a copy, without its workspace',
    "rgov verify --json | jq -r '.findings[] | [.since, .reason, .path] | @tsv'",
  );
  return command.action(async (_options, self: Command) => {
    const options = optionsOf<VerifyCommandOptions>(self);
    checkDay('--day', options.day);
    checkDay('--since', options.since);
    const { verify } = await import('../../run/verify/index.ts');
    const report = await withProgress('files', (onProgress) => verify({ ...options, onProgress }));
    if (!report.ok) process.exitCode = EXIT_CODES.negative;
    return options.json ? printJson(report) : print(verifyText(report, painter(process.stdout)));
  });
}

function checkDay(name: string, day: string | undefined): void {
  if (day === undefined || (/^\d{4}-\d{2}-\d{2}$/.test(day) && parseTime(`${day}T00:00:00Z`) !== null)) return;
  throw new RgovError('usage', `${name} ${truncate(oneLine(day), 60)} is no day`, {
    expected: 'a UTC day as the folders are named, such as 2026-11-22',
    hint: `rgov verify ${name} 2026-11-22`,
  });
}
