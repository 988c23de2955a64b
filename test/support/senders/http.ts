import { parse } from 'yaml';
import type { TestContext } from '../loopback-attempt.ts';
import { type Behaviour, OK, startReceiver } from '../loopback-receiver.ts';
import type { Scene, SenderHarness } from './harness.ts';

/** A recipe that uses a bit of everything, for a provider that nobody has: the id in `/id` proves, `/error` refuses. */
export const GENERIC_RECIPE = parse(`
source: https://example.com/api#messages
address: { description: Who is told., optional: true }
parameters:
  server: { description: Where the provider is., secret: true }
  token: { description: Lets us in., secret: true }
  password: { description: "Lets us in, too.", secret: true }
request:
  method: POST
  url: "{settings.server}/people/{settings.token}/messages"
  query: { key: "{settings.token}" }
  headers: { x-token: "{settings.token}" }
  auth: { basic: { user: rgov, password: "{settings.password}" } }
  json: { key: "{key}", to: "{address}", text: "{message}", level: "{map.level}" }
message: { max: 4096, measure: characters, escape: none }
maps:
  level: { of: severity, values: { info: 1, warning: 2, error: 3, critical: 4 } }
answers:
  - { when: { status: [200], body: [{ pointer: /error, exists: true }] }, then: rejected, reason: { pointer: /error } }
  - { when: { status: [200], body: [{ pointer: /id, exists: true }] }, then: accepted, reference: { pointer: /id } }
`) as Record<string, unknown>;

/** The credential stands in the base URL, the path, the query, a header and a password. */
async function recipeScene(context: TestContext, behaviours: Behaviour[], canary = 'not-a-secret'): Promise<Scene> {
  const server = await startReceiver(behaviours);
  Object.assign(context.secrets, { SERVER: `${server.origin}/base-${canary}\n`, TOKEN: `${canary}\n`, PASSWORD: `pass/${canary}` });
  return {
    config: {
      ...GENERIC_RECIPE,
      settings: { server: { env: 'SERVER' }, token: { env: 'TOKEN' }, password: { env: 'PASSWORD' } },
      allowHosts: ['127.0.0.1'],
    },
    delivered: () => server.requests.map((request) => (JSON.parse(request.body.toString()) as { key: string }).key),
    close: server.close,
  };
}

/** Every form in which a receiver that means harm, or only logs too much, could give the credential back. */
const echoOf = (canary: string): string =>
  `Cannot POST /base-${canary}/people/${canary}/messages?key=${canary}, token ${canary}, user rgov:pass/${canary}, ` +
  `header Basic ${Buffer.from(`rgov:pass/${canary}`).toString('base64')}, in a log pass\\/${canary} and pass%2F${canary} and pass%2f${canary}`;

export const http: SenderHarness = {
  succeeds: (context, canary) => recipeScene(context, [OK], canary),
  hangs: (context) => recipeScene(context, ['hang after reading']),
  refuses: (context, canary) => recipeScene(context, [{ status: 404, body: echoOf(canary) }], canary),
  failsForNow: (context, canary) => recipeScene(context, [{ status: 503, body: echoOf(canary) }], canary),
  echoesSecrets: (context, canary) =>
    recipeScene(context, [{ status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ id: echoOf(canary) }) }], canary),
};
