import type { Command } from 'commander';
import { EXIT_CODES } from '../../model/errors.ts';
import { type CommonOptions, optionsOf, withExamples, withJson, withWorkspace } from '../options.ts';
import { withProgress } from '../progress.ts';
import { painter, print, printJson } from '../terminal.ts';
import { archiveText } from '../views/archive.ts';

export function register(program: Command): Command {
  const command = program
    .command('archive')
    .requiredOption('--before <date>', 'days before this one: a UTC day such as 2026-11-01, or so long ago, as in 90d')
    .option('--dry-run', 'check and pack in memory only; show what would be done')
    .summary('pack sealed days into one file each')
    .description(
      'Packs each sealed day into state/archives/DAY.tar.gz, the same bytes on every machine, reads it back, compares it with the seal, and only then removes the loose files. explain, verify and deduplication go on seeing what is in it. A day that is not sealed is left alone. Run it again after a crash: it goes on where it stopped. Exit code 1 if anything differs from its seal (it is neither packed nor removed), 4 if the disk failed.',
    );
  withExamples(
    withJson(withWorkspace(command)),
    'rgov archive --before 90d --dry-run',
    'rgov verify && rgov archive --before 2026-11-01',
    '0 5 1 * *  cd /srv/reporting && rgov archive --before 90d    # in a crontab',
  );
  return command.action(async (_options, self: Command) => {
    const options = optionsOf<CommonOptions & { before: string; dryRun?: boolean }>(self);
    const { archive } = await import('../../run/archive.ts');
    const report = await withProgress('artifacts', (onProgress) => archive({ ...options, onProgress }));
    const outcomes = report.days.map(({ outcome }) => outcome);
    if (outcomes.includes('failed')) process.exitCode = EXIT_CODES.state_io;
    else if (outcomes.includes('refused') || outcomes.includes('incomplete')) process.exitCode = EXIT_CODES.negative;
    return options.json ? printJson(report) : print(archiveText(report, painter(process.stdout)));
  });
}
