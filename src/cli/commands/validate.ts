import type { Command } from 'commander';
import { EXIT_CODES } from '../../model/errors.ts';
import { type CommonOptions, optionsOf, withExamples, withJson, withWorkspace } from '../options.ts';
import { painter, print, printJson } from '../terminal.ts';
import { plural } from '../views/pass.ts';
import { problemsText } from '../views/problems.ts';

export function register(program: Command): Command {
  const command = program
    .command('validate')
    .summary('check all declared documents and report every problem')
    .description(
      'Checks policy packs, profiles, sender and runtime bindings: each with its schema, and together. Reports all problems in one run. Exit code 2 if there is any.',
    );
  withExamples(withJson(withWorkspace(command)), 'rgov validate', 'rgov validate --json | jq .problems');
  return command.action(async (_options, self: Command) => {
    const options = optionsOf<CommonOptions>(self);
    const { validate } = await import('../../run/validate.ts');
    const { problems, catalog, notInForce, warnings, documents } = await validate(options);
    if (problems.length > 0) process.exitCode = EXIT_CODES.invalid_documents;
    if (options.json) return printJson({ valid: problems.length === 0, documents, problems, notInForce, warnings });
    const paint = painter(process.stdout);
    if (problems.length > 0)
      return print(`${problemsText(problems, paint)}\n\n${paint('red', plural(problems.length, 'problem'))} in ${plural(documents, 'document')}`);
    const inForce =
      catalog === null
        ? ''
        : `: binding ${catalog.binding}, profile ${catalog.profile}, posture ${catalog.posture}, ${plural(catalog.rules.length, 'rule')}${catalog.expectations.length === 0 ? '' : `, ${plural(catalog.expectations.length, 'expectation')}`}`;
    const idle = notInForce.map(
      ({ name, file }) =>
        `\n${paint('yellow', 'not in force')}  ${paint('reset', `${file}: the profile ${catalog?.profile} does not name the pack "${name}"`)}`,
    );
    const doubtful = warnings.map(({ file, line, message }) => `\n${paint('yellow', 'warning')}  ${paint('reset', `${file}:${line}: ${message}`)}`);
    return print(`${paint('green', 'valid')}  ${plural(documents, 'document')}${inForce}${idle.join('')}${doubtful.join('')}`);
  });
}
