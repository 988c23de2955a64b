import type { CheckConfig, ConfigProblem } from '../../model/config-problem.ts';
import { isSecretRef } from '../../model/secret.ts';
import { didYouMean } from '../../model/text.ts';
import { hostProblems } from '../http-client/check-hosts.ts';
import { templatesOf } from './all-templates.ts';
import { placeholderNames } from './placeholders.ts';
import { type AnswerRule, own, type Recipe, type RecipeRequest } from './recipe.ts';
import { LooseBrace, parseTemplate } from './template.ts';

const SEVERITIES = ['info', 'warning', 'error', 'critical'];
const BODIES = ['json', 'form', 'text'] as const;

/** What is wrong with a recipe that its schema accepts. */
export const configProblems: CheckConfig = (config, complete) => {
  // A SenderBinding may leave out what a deployment supplies.
  const recipe = config as unknown as Partial<Recipe>;
  return [
    ...(recipe.request === undefined ? [] : [...placeholderProblems(recipe, recipe.request), ...requestProblems(recipe.request)]),
    ...settingProblems(recipe, complete),
    ...(recipe.answers ?? []).flatMap(answerProblems),
    ...mapProblems(recipe),
    ...hostProblems(recipe.allowHosts),
  ];
};

function placeholderProblems(recipe: Partial<Recipe>, request: RecipeRequest): ConfigProblem[] {
  const known = placeholderNames(recipe);
  const used = new Set<string>();
  const problems = templatesOf(request).flatMap(({ path, template }): ConfigProblem[] => {
    try {
      const names = parseTemplate(template).flatMap((part) => ('name' in part ? part.name : []));
      for (const name of names) used.add(name);
      return names.filter((name) => !known.includes(name)).map((name) => ({ path: ['request', ...path], ...unknownPlaceholder(name, known) }));
    } catch (error) {
      if (!(error instanceof LooseBrace)) throw error;
      return [
        {
          path: ['request', ...path],
          message: `a brace opens no placeholder: ${JSON.stringify(error.message)}`,
          expected: '{name}, or {{ for a brace',
        },
      ];
    }
  });
  const idle = Object.keys(recipe.parameters ?? {}).filter((name) => !used.has(`settings.${name}`));
  return [
    ...problems,
    ...idle.map((name) => ({
      path: ['parameters', name],
      message: `the parameter "${name}" is used nowhere`,
      expected: `{settings.${name}} in the request`,
    })),
  ];
}

function unknownPlaceholder(name: string, known: string[]): Omit<ConfigProblem, 'path'> {
  const suggestion = didYouMean(name, known);
  const kind = name.startsWith('settings.') ? 'settings.' : name.startsWith('map.') ? 'map.' : '';
  const candidates = known.filter((one) => one.startsWith(kind));
  return {
    code: 'unknown_word',
    message: `there is no placeholder {${name}}`,
    expected: candidates.length > 0 ? `one of ${candidates.join(', ')}` : kind === 'map.' ? 'a map under maps' : 'a parameter under parameters',
    ...(suggestion === null ? {} : { suggestion }),
  };
}

function requestProblems(request: RecipeRequest): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (!/^(https?:\/\/|\{)/.test(request.url)) {
    problems.push({
      path: ['request', 'url'],
      message: 'the URL is not an http or https URL',
      expected: 'https://, or a placeholder that holds the beginning of a URL',
    });
  }
  const bodies = BODIES.filter((name) => request[name] !== undefined);
  for (const name of bodies.slice(request.method === 'GET' ? 0 : 1)) {
    const expected = request.method === 'GET' ? 'no body with GET' : 'one of json, form, text';
    problems.push({ path: ['request', name], message: `there is no room for a body in ${name}`, expected });
  }
  if (request.auth !== undefined && Object.keys(request.headers ?? {}).some((name) => name.toLowerCase() === 'authorization')) {
    problems.push({ path: ['request', 'auth'], message: 'the header authorization is given twice', expected: 'either auth or the header' });
  }
  return problems;
}

function settingProblems({ parameters = {}, settings = {} }: Partial<Recipe>, complete: boolean): ConfigProblem[] {
  const known = Object.keys(parameters);
  const problems: ConfigProblem[] = [];
  for (const [name, value] of Object.entries(settings)) {
    const parameter = own(parameters, name);
    if (parameter === undefined) {
      const suggestion = didYouMean(name, known);
      problems.push({
        path: ['settings', name],
        code: 'unknown_key',
        message: `unknown setting "${name.slice(0, 80)}"`,
        expected: known.length === 0 ? 'no settings here' : `one of ${known.join(', ')}`,
        ...(suggestion === null ? {} : { suggestion }),
      });
    } else if (parameter.secret && !isSecretRef(value)) {
      problems.push({
        path: ['settings', name],
        code: 'secret_in_clear',
        message: `the setting "${name}" stands here in clear`,
        expected: REFERENCE,
      });
    }
  }
  for (const [name, { secret, optional, default: preset, description }] of Object.entries(parameters)) {
    if (secret && preset !== undefined) {
      problems.push({
        path: ['parameters', name, 'default'],
        code: 'secret_in_clear',
        message: `the secret "${name}" has a default`,
        expected: 'no default',
      });
    }
    if (complete && !optional && preset === undefined && own(settings, name) === undefined) {
      const expected = `settings: { ${name}: ... }: ${secret ? `${REFERENCE}: ` : ''}${description}`;
      problems.push({ path: [], code: 'missing_key', message: `the setting "${name}" is missing`, expected });
    }
  }
  return problems;
}

const REFERENCE = '{env: NAME}, {file: PATH} or {command: [PROGRAM, ARGUMENT]}';
const PROVES = new Set<AnswerRule['then']>(['accepted', 'relayed', 'delivered']);

function answerProblems({ when, then, reference, who }: AnswerRule, index: number): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (PROVES.has(then) && reference === undefined) {
    problems.push({
      path: ['answers', index],
      code: 'missing_key',
      message: `an answer that proves "${then}" has no reference`,
      expected: 'reference: {pointer: ...}, {header: ...}, or {digest: true} where the provider gives no id',
    });
  }
  if (who !== undefined && then !== 'custody') {
    problems.push({ path: ['answers', index, 'who'], message: `"who" says nothing where the answer means "${then}"`, expected: 'then: custody' });
  }
  for (const [at, range] of (when?.status ?? []).entries()) {
    const [from = 0, to = from] = String(range).split('-').map(Number);
    if (to < from)
      problems.push({ path: ['answers', index, 'when', 'status', at], message: `${range} is no range`, expected: 'the lower status first' });
  }
  return problems;
}

function mapProblems({ maps = {} }: Partial<Recipe>): ConfigProblem[] {
  return Object.entries(maps).flatMap(([name, { of, values }]) =>
    Object.keys(of === 'severity' ? values : {})
      .filter((word) => !SEVERITIES.includes(word))
      .map((word) => {
        const suggestion = didYouMean(word, SEVERITIES);
        const expected = `one of ${SEVERITIES.join(', ')}`;
        return {
          path: ['maps', name, 'values', word],
          message: `"${word}" is no severity`,
          expected,
          ...(suggestion === null ? {} : { suggestion }),
        };
      }),
  );
}
