import { expect } from 'vitest';
import type { Attempt, Outcome } from '../../src/model/outcome.ts';
import { SENDER_KINDS } from '../../src/senders/registry.generated.ts';
import { attemptFor, NOTICE, type TestContext, testContext } from '../support/loopback-attempt.ts';
import { type Behaviour, type Receiver, startReceiver } from '../support/loopback-receiver.ts';
import type { Recipe, RequestFixture } from './fixtures.ts';

const ORIGIN = /^https:\/\/[^/{?#]+/;

export interface Played {
  outcome: Outcome;
  /** What arrived, as if it had arrived at the provider. */
  requests: { method: string; url: string; headers: Record<string, string>; body: Buffer }[];
  /** Every value that must not come back in an outcome. */
  secrets: string[];
}

/** The real engine makes one attempt with this recipe, and a receiver on loopback plays the provider. */
export async function play(recipe: Recipe, fixture: RequestFixture, behaviour: Behaviour, changes: Partial<Attempt> = {}): Promise<Played> {
  const receiver = await startReceiver([behaviour]);
  const context = testContext();
  try {
    const { config, secrets, provider } = onLoopback(recipe, fixture, receiver, context);
    const kind = SENDER_KINDS['http'];
    if (kind === undefined) throw new Error('there is no sender of kind http');
    const validate = await kind.configValidator();
    expect(validate(config), JSON.stringify(validate.errors)).toBe(true);
    expect(await kind.configProblems?.(config, true), 'nothing is wrong with the recipe and its settings').toEqual([]);
    const sender = (await kind.load())(config, context);
    try {
      const outcome = await sender.attempt(attemptOf(fixture, changes), new AbortController().signal);
      const requests = receiver.requests.map(({ method, path, headers, body }) => ({ method, url: provider + path, headers, body }));
      return { outcome, requests, secrets };
    } finally {
      sender.close?.();
    }
  } finally {
    await receiver.close();
    context.remove();
  }
}

function attemptOf({ notice, address, acknowledgeUrl }: RequestFixture, changes: Partial<Attempt>): Attempt {
  return attemptFor({ notice: { ...NOTICE, ...notice }, address, ...(acknowledgeUrl === undefined ? {} : { acknowledgeUrl }), ...changes });
}

/** The recipe with its settings, in which the provider's origin is the receiver's; nothing else is changed. */
function onLoopback(recipe: Recipe, fixture: RequestFixture, receiver: Receiver, context: TestContext) {
  const parameters = structuredClone(recipe.config.parameters ?? {});
  const here = <T>(value: T): T => (typeof value === 'string' ? (value.replace(ORIGIN, receiver.origin) as T) : value);
  const secrets = recipe.config.address?.secret && fixture.address !== undefined ? [fixture.address] : [];
  const settings: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fixture.settings ?? {})) {
    expect(parameters, `a parameter of ${recipe.name}`).toHaveProperty(name);
    if (!parameters[name]?.secret) settings[name] = here(value);
    else {
      context.secrets[name] = String(here(value));
      settings[name] = { env: name };
      secrets.push(String(value).replace(ORIGIN, ''));
    }
  }
  for (const parameter of Object.values(parameters)) if (parameter.default !== undefined) parameter.default = here(parameter.default);
  const request = { ...recipe.config.request, url: here(recipe.config.request.url) };
  const config = { ...recipe.config, parameters, settings, request, allowHosts: ['127.0.0.1'] };
  return { config, secrets, provider: providerOf(recipe, fixture) };
}

/** Where the request would really have gone: scheme and host, from the recipe, from a setting, or from its default. */
function providerOf(recipe: Recipe, { settings = {} }: RequestFixture): string {
  const name = /^\{settings\.(\w+)\}/.exec(recipe.config.request.url)?.[1];
  const start = name === undefined ? recipe.config.request.url : String(settings[name] ?? recipe.config.parameters?.[name]?.default);
  const origin = ORIGIN.exec(start)?.[0];
  if (origin === undefined) throw new Error(`${recipe.name} does not go to https: ${start}`);
  return origin;
}
