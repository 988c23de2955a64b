import type { Command } from 'commander';
import { type CommonOptions, optionsOf, withExamples, withJson, withWorkspace } from '../options.ts';
import { type ReconcileCommand, reconcileAndPrint } from '../reconcile-and-print.ts';

export function register(program: Command): Command {
  const command = program
    .command('reconcile')
    .option('-q, --quiet', 'print nothing unless this pass left something blocked, quarantined or unread')
    .option('--commit', 'commit what is new under state/ to git; trouble with git is a warning and changes no exit code')
    .summary('do one complete pass: decide, enqueue, hand off, send, record')
    .description(
      'Takes every step that is due, again until nothing is, then says on a terminal when the next one will be due. Exit code 1 if this pass left something blocked or quarantined, 4 if something could not be read.',
    );
  withExamples(
    withJson(withWorkspace(command)),
    'rgov reconcile',
    'rgov reconcile --commit',
    '* * * * *  /usr/local/bin/rgov -C /srv/reporting reconcile --quiet    # in a crontab; rgov activate --as cron writes it for you',
  );
  return command.action((_options, self: Command) => reconcileAndPrint(optionsOf<ReconcileCommand & CommonOptions>(self)));
}
