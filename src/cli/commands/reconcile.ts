import type { Command } from 'commander';
import { EXIT_CODES } from '../../model/errors.ts';
import { reconcile } from '../../run/reconcile.ts';
import { type CommonOptions, optionsOf, withExamples, withJson, withWorkspace } from '../options.ts';
import { withProgress } from '../progress.ts';
import { painter, print, printJson } from '../terminal.ts';
import { commitText, commitWarnings } from '../views/commit.ts';
import { passJson, passText } from '../views/pass.ts';

export function register(program: Command): Command {
  const command = program
    .command('reconcile')
    .option('-q, --quiet', 'print nothing unless this pass left something blocked, quarantined or unread')
    .option('--commit', 'commit what is new under state/ to git; trouble with git is a warning and changes no exit code')
    .summary('do one complete pass: decide, enqueue, hand off, send, record')
    .description(
      'Takes every step that is due, again until nothing is, then says when the next one will be. Exit code 1 if this pass left something blocked or quarantined, 4 if something could not be read.',
    );
  withExamples(
    withJson(withWorkspace(command)),
    'rgov reconcile',
    'rgov reconcile --commit',
    '* * * * *  cd /srv/reporting && rgov reconcile    # in a crontab',
  );
  return command.action(async (_options, self: Command) => {
    const options = optionsOf<CommonOptions & { quiet?: boolean; commit?: boolean }>(self);
    const report = await withProgress('events', (onProgress) => reconcile({ ...options, onProgress }));
    const needsHuman = report.quarantined.length > 0 || report.receipts.some(({ status }) => status === 'blocked');
    if (report.failures.length > 0) process.exitCode = EXIT_CODES.state_io;
    else if (needsHuman) process.exitCode = EXIT_CODES.negative;
    await print(commitWarnings(report.commit, painter(process.stderr)), process.stderr);
    if (options.json) return printJson(passJson(report));
    if (options.quiet && !needsHuman && report.failures.length === 0) return;
    const paint = painter(process.stdout);
    const texts = [passText(report, paint, process.stdout.isTTY === true), commitText(report.commit, paint)];
    return print(texts.filter((text) => text !== '').join('\n'));
  });
}
