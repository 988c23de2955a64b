import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { RgovError } from '../../model/errors.ts';
import type { Attempt, Outcome } from '../../model/outcome.ts';
import { lastPart, oneLine } from '../../model/text.ts';
import { AttemptSecrets, type Setting } from '../attempt-secrets.ts';
import { type ChildEnd, type Command, runChild } from '../child-process/child.ts';
import { childEnvironment } from '../child-process/environment.ts';
import { brief, words } from '../outcome-text.ts';
import type { CreateSender } from '../sender.ts';
import { readRetryAfter_ms, readStatement } from './statement.ts';

export interface CommandSettings {
  argv: string[];
  cwd?: string;
  env?: Record<string, Setting>;
}

/** sysexits(3): try again later. */
const EX_TEMPFAIL = 75;

/** A program of the operator's. It gets one JSON document on its standard input: `notice`, `attempt`, `idempotencyKey`, `address`. */
export const create: CreateSender = (config, context) => {
  const settings = config as unknown as CommandSettings;
  const cwd = resolve(context.workspace, settings.cwd ?? '.');
  return {
    async attempt(attempt, signal): Promise<Outcome> {
      if (signal.aborted) return { kind: 'retryable', reason: 'nothing was run: cut off before it began' };
      const secrets = new AttemptSecrets(context.resolveSecret);
      let command: Command;
      try {
        const env = childEnvironment(context.env, settings.env ?? {}, attempt, secrets);
        command = { argv: settings.argv, cwd, env, input: inputFor(attempt) };
      } catch (error) {
        if (!(error instanceof RgovError)) throw error;
        return { kind: 'retryable', reason: secrets.brief(`nothing was run: ${error.message}`) };
      }
      return outcomeOf(await runChild(command, signal), command, attempt, secrets);
    },
  };
};

function inputFor({ notice, number, idempotencyKey, address }: Attempt): string {
  return `${JSON.stringify({ notice: { ...notice, ...words(notice) }, attempt: number, idempotencyKey, address: address ?? null })}\n`;
}

function outcomeOf(end: ChildEnd, command: Command, attempt: Attempt, secrets: AttemptSecrets): Outcome {
  const name = basename(command.argv[0] ?? '');
  switch (end.how) {
    case 'not_started': {
      // Both look the same from outside: the program is missing, or the folder that it should start in.
      const why = end.code === 'ENOENT' && !existsSync(command.cwd) ? 'the folder that it starts in is not there' : end.code;
      return { kind: 'retryable', reason: secrets.brief(`nothing was run: ${command.argv[0]} could not be started (${why})`) };
    }
    case 'killed':
      return {
        kind: 'ambiguous',
        reason: secrets.brief(`${name} was killed by ${end.by}; nobody knows what it had done${lastWords(end.stderr, secrets)}`),
      };
    case 'cut_off': {
      // Whatever was proved before the end stays proved.
      const outcome = end.status === 0 ? outcomeOfSuccess(end.stdout, name, attempt, secrets) : undefined;
      return outcome?.kind === 'proved'
        ? outcome
        : { kind: 'ambiguous', reason: brief(`${name} was cut off by the time limit; nobody knows what it had done`) };
    }
    case 'exited': {
      if (end.status === 0) return outcomeOfSuccess(end.stdout, name, attempt, secrets);
      if (end.status !== EX_TEMPFAIL)
        return { kind: 'rejected', reason: brief(`${name} exited with ${end.status}${lastWords(end.stderr, secrets)}`) };
      const retryAfter_ms = readRetryAfter_ms(end.stdout);
      return {
        kind: 'retryable',
        reason: brief(`${name} asks to try again later${lastWords(end.stderr, secrets, 1)}`),
        ...(retryAfter_ms === undefined ? {} : { retryAfter_ms }),
      };
    }
  }
}

/** Success alone proves nothing: whoever ran without an error has the notice now, and that is all. */
function outcomeOfSuccess(stdout: string, name: string, attempt: Attempt, secrets: AttemptSecrets): Outcome {
  const statement = readStatement(stdout, attempt.notice);
  if (statement.says === 'nothing') {
    const detail = statement.problem === undefined ? 'it exited with 0 and proved nothing' : `it exited with 0, but ${statement.problem}`;
    return { kind: 'custody', who: brief(`command:${name}`), detail: secrets.brief(detail) };
  }
  const detail = statement.detail === undefined ? {} : { detail: secrets.brief(statement.detail) };
  return statement.says === 'evidence'
    ? { kind: 'proved', level: statement.level, reference: secrets.brief(statement.reference), ...detail }
    : { kind: 'custody', who: secrets.brief(statement.who), ...detail };
}

/** The end of what a program complained about: its last lines, on one line. */
function lastWords(stderr: string, secrets: AttemptSecrets, lines = 5): string {
  const said = secrets
    .redact(stderr)
    .split('\n')
    .map(oneLine)
    .filter((line) => line !== '')
    .slice(-lines)
    .join(' / ');
  return said === '' ? '' : `: ${lastPart(said, 350)}`;
}
