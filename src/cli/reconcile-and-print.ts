import { EXIT_CODES } from '../model/errors.ts';
import { type ReconcileOptions, reconcile } from '../run/reconcile.ts';
import { withProgress } from './progress.ts';
import { painter, print, printJson } from './terminal.ts';
import { commitText, commitWarnings } from './views/commit.ts';
import { passJson, passText } from './views/pass.ts';

export interface ReconcileCommand extends ReconcileOptions {
  json?: boolean;
  quiet?: boolean;
}

/** One pass, made by `pass`, what there is to say of it, and the exit code. */
export async function reconcileAndPrint(options: ReconcileCommand, pass = reconcile): Promise<void> {
  const report = await withProgress('events', (onProgress) => pass({ ...options, onProgress }));
  const needsHuman = report.quarantined.length > 0 || report.receipts.some(({ status }) => status === 'blocked');
  if (report.failures.length > 0) process.exitCode = EXIT_CODES.state_io;
  else if (needsHuman) process.exitCode = EXIT_CODES.negative;
  await print(commitWarnings(report.commit, painter(process.stderr)), process.stderr);
  if (options.json) return printJson(passJson(report));
  if (options.quiet && !needsHuman && report.failures.length === 0) return;
  const paint = painter(process.stdout);
  const texts = [passText(report, paint, process.stdout.isTTY === true), commitText(report.commit, paint)];
  return print(texts.filter((text) => text !== '').join('\n'));
}
