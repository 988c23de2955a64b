import { resolve } from 'node:path';
import { RgovError } from '../../model/errors.ts';
import type { Attempt, Outcome } from '../../model/outcome.ts';
import { AttemptSecrets, type Setting } from '../attempt-secrets.ts';
import { type ChildEnd, type Command, runChild } from '../child-process/child.ts';
import { childEnvironment } from '../child-process/environment.ts';
import { MEASURES, messageText } from '../message.ts';
import { words } from '../outcome-text.ts';
import type { CreateSender } from '../sender.ts';
import { outcomeOfExit } from './exit.ts';
import { hideConfiguration, urlsForEnvironment } from './services.ts';

export interface AppriseSettings {
  program?: string;
  urls?: Setting[];
  config?: string;
  tag?: string;
  maxLength?: number;
  env?: Record<string, Setting>;
}

const MAX_LENGTH = 16_000;
const TYPES: Record<string, string> = { info: 'info', warning: 'warning', error: 'failure', critical: 'failure' };

/**
 * One run of `apprise`: the text goes in on standard input, the URLs in the environment, where no other user sees them
 * (https://github.com/caronc/apprise/wiki/CLI_Usage; read in version 1.2.0, Debian 12).
 */
export const create: CreateSender = (config, context) => {
  const settings = config as AppriseSettings;
  return {
    async attempt(attempt, signal): Promise<Outcome> {
      if (signal.aborted) return { kind: 'retryable', reason: 'nothing was sent: cut off before it began' };
      const secrets = new AttemptSecrets(context.resolveSecret);
      let command: Command;
      try {
        command = commandFor(settings, attempt, context.workspace, context.env, secrets);
      } catch (error) {
        if (!(error instanceof RgovError)) throw error;
        return { kind: 'retryable', reason: secrets.brief(`nothing was sent: ${error.message}`) };
      }
      return outcomeOf(await runChild(command, signal), command, secrets);
    },
  };
};

function commandFor(
  settings: AppriseSettings,
  attempt: Attempt,
  workspace: string,
  env: Readonly<Record<string, string | undefined>>,
  secrets: AttemptSecrets,
): Command {
  const { program = 'apprise', maxLength = MAX_LENGTH } = settings;
  if (attempt.acknowledgeUrl !== undefined) secrets.hide(attempt.acknowledgeUrl);
  const environment = childEnvironment(env, settings.env ?? {}, attempt, secrets);
  // Whatever the locale says, the text goes in as UTF-8.
  environment['PYTHONUTF8'] = '1';
  const where: string[] = [];
  if (settings.config !== undefined) {
    const file = resolve(workspace, settings.config);
    hideConfiguration(file, secrets);
    const tag = settings.tag ?? attempt.address;
    where.push(`--config=${file}`, '--recursion-depth=0', ...(tag === undefined ? [] : [`--tag=${tag}`]));
  } else {
    const urls = settings.urls ?? (attempt.address === undefined ? [] : [attempt.address]);
    if (urls.length === 0)
      throw new RgovError('invalid_documents', 'neither `with.urls` or `with.config` of the sender nor `address` of the target names a service');
    environment['APPRISE_URLS'] = urlsForEnvironment(urls, secrets);
  }
  const { notice } = attempt;
  return {
    // --verbose: warnings tell why something failed, and that something did.
    argv: [program, '--verbose', `--notification-type=${TYPES[notice.severity] ?? 'info'}`, `--title=${words(notice).title}`, ...where],
    cwd: workspace,
    env: environment,
    input: messageText(attempt, { max: maxLength, measure: MEASURES.characters, withTitle: false }),
  };
}

function outcomeOf(end: ChildEnd, command: Command, secrets: AttemptSecrets): Outcome {
  switch (end.how) {
    case 'not_started':
      return { kind: 'retryable', reason: secrets.brief(`nothing was sent: ${command.argv[0]} could not be started (${end.code})`) };
    case 'killed':
      return { kind: 'ambiguous', reason: secrets.brief(`apprise was killed by ${end.by}; nobody knows what it had sent`) };
    case 'cut_off':
      // It ended well by itself just then: what it says counts.
      if (end.status === 0) return outcomeOfExit(0, end.stdout, '', secrets);
      return { kind: 'ambiguous', reason: 'apprise was cut off by the time limit; nobody knows what it had sent' };
    case 'exited':
      return outcomeOfExit(end.status, end.stdout, end.stderr, secrets);
  }
}
