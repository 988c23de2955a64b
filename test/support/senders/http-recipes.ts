import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { SenderBinding } from '../../../src/model/artifacts.ts';
import type { AnswerRule, Recipe } from '../../../src/senders/http/recipe.ts';
import type { TestContext } from '../loopback-attempt.ts';
import { GENERIC_RECIPE } from './http.ts';

const FOLDER = join(import.meta.dirname, '../../../bindings/senders');
const ORIGIN = /^https?:\/\/[^/{?#]+/;

/** Every recipe that is shipped, by name: a new YAML file joins by itself. */
export function shippedRecipes(): [name: string, recipe: Recipe][] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => parse(readFileSync(join(FOLDER, file), 'utf8')) as SenderBinding)
    .filter(({ spec }) => spec.kind === 'http')
    .map(({ metadata, spec }) => [metadata.name, spec.with as unknown as Recipe]);
}

export const genericRecipe = (): Recipe => GENERIC_RECIPE as unknown as Recipe;

/** How a recipe is bound to a receiver on loopback: every secret of it is `canary`, its provider is at `origin`. */
export function boundTo(origin: string, recipe: Recipe, context: TestContext, canary: string): { config: Record<string, unknown>; address: string } {
  const first = /^\{([\w.]+)\}/.exec(recipe.request.url)?.[1];
  const whole = recipe.request.url === `{${first}}`;
  const settings: Record<string, unknown> = {};
  for (const [name, { secret, optional, default: preset }] of Object.entries(recipe.parameters ?? {})) {
    const isPlace = first === `settings.${name}`;
    const value = isPlace ? `${origin}${whole && secret ? `/hooks/${canary}` : ''}` : secret ? canary : optional ? 'value-1' : (preset ?? 'value-1');
    if (secret) context.secrets[name] = `${value}\n`;
    settings[name] = secret ? { env: name } : value;
  }
  const address = first === 'address' ? `${origin}/hooks/${canary}` : recipe.address?.secret ? canary : 'chat-1';
  const request = { ...recipe.request, url: recipe.request.url.replace(ORIGIN, origin) };
  return { config: { ...recipe, request, settings, allowHosts: ['127.0.0.1'] }, address };
}

/** Whether any 200 is proof, whatever stands in it. */
export function trustsAny200({ answers }: Recipe): boolean {
  return answers.some(
    ({ when, then, reference }) =>
      ['accepted', 'relayed', 'delivered'].includes(then) &&
      when.body === undefined &&
      when.headers === undefined &&
      [reference ?? []].flat().some((one) => 'digest' in one) &&
      statusOf(when.status, 200),
  );
}

const statusOf = (ranges: (number | string)[], status: number): boolean =>
  ranges.some((range) => {
    const [from = 0, to = from] = String(range).split('-').map(Number);
    return status >= from && status <= to;
  });

/** An answer that a rule was written for, with `words` wherever the rule leaves it open what stands there. */
export function answerFor(rule: AnswerRule, words: string): { status: number; headers: Record<string, string>; body: string } {
  const status = Number(String(rule.when.status[0]).split('-')[0]);
  let body: unknown = {};
  const headers: Record<string, string> = { 'content-type': 'application/json', ...rule.when.headers };
  for (const place of [rule.reference ?? [], typeof rule.reason === 'object' ? rule.reason : [], rule.retryAfter ?? []].flat()) {
    if ('pointer' in place && place.pointer !== undefined) body = placed(body, place.pointer, words);
    if ('header' in place && place.header !== undefined) headers[place.header] = words.replaceAll(/[^\x20-\x7e]+/g, ' ');
  }
  for (const { pointer, equals, in: one, exists, text } of rule.when.body ?? []) {
    if (text !== undefined) return { status, headers: { 'content-type': 'text/plain' }, body: text };
    if (pointer !== undefined && exists !== false) body = placed(body, pointer, equals !== undefined ? equals : one ? one[0] : words);
  }
  return { status, headers, body: JSON.stringify(body) };
}

function placed(document: unknown, pointer: string, value: unknown): unknown {
  if (pointer === '') return value;
  const [token = '', ...rest] = pointer.slice(1).split('/');
  const below = rest.length === 0 ? '' : `/${rest.join('/')}`;
  if (/^\d+$/.test(token)) {
    const list = Array.isArray(document) ? [...document] : [];
    list[Number(token)] = placed(list[Number(token)], below, value);
    return list;
  }
  const map = typeof document === 'object' && document !== null && !Array.isArray(document) ? document : {};
  return { ...map, [token]: placed((map as Record<string, unknown>)[token], below, value) };
}
