import type { Command } from 'commander';
import { EXIT_CODES } from '../../model/errors.ts';
import { type CommonOptions, optionsOf, withExamples, withJson, withWorkspace } from '../options.ts';
import { withProgress } from '../progress.ts';
import { painter, print, printJson } from '../terminal.ts';
import { ingestText } from '../views/ingest.ts';

export function register(program: Command): Command {
  const command = program
    .command('ingest')
    .argument('<adapter>', 'what the input is; rgov catalog adapters lists them')
    .argument('[files...]', 'files to read; none, or -, is standard input')
    .summary('turn what other programs say into events')
    .description(
      'Reads foreign input and records its events, and what it says of handoffs. Idempotent: the same source and id is recorded once. Exit code 1 if anything was rejected or conflicts; the rest is recorded all the same.',
    );
  withExamples(
    withJson(withWorkspace(command)),
    'openclaw tasks list --json | rgov ingest openclaw',
    'rgov ingest cloudevents events.ndjson',
    'rgov ingest dsn ~/Maildir/new/*',
  );
  return command.action(async (adapter: string, files: string[], _options, self: Command) => {
    const options = optionsOf<CommonOptions>(self);
    const { ingest } = await import('../../run/intake.ts');
    const report = await withProgress('events', (onProgress) => ingest({ ...options, adapter, files, onProgress }));
    const isBad = ({ status }: { status: string }): boolean => status === 'conflict' || status === 'rejected';
    const bad = [...report.results, ...report.confirmations].filter(isBad).length + report.rejected.length;
    if (bad > 0) process.exitCode = EXIT_CODES.negative;
    return options.json ? printJson(report) : print(ingestText(report, painter(process.stdout)));
  });
}
