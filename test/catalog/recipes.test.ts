import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadCatalog } from '../../src/catalog/load.ts';
import type { Problem } from '../../src/catalog/problem.ts';
import { SENDER_KINDS } from '../../src/senders/registry.generated.ts';
import { here, temporaryFolder } from './support.ts';

const PACKAGE = join(here, '../..');

/** A deployment with one sender of kind `http`: a recipe of its own, and what the binding supplies. */
async function problemsOf(recipe: string, instance: string): Promise<Problem[]> {
  const workspace = temporaryFolder();
  mkdirSync(join(workspace, 'bindings/senders'), { recursive: true });
  const head = (kind: string, name: string): string => `apiVersion: reporting-governance/v1\nkind: ${kind}\nmetadata: {name: ${name}}\n`;
  writeFileSync(
    join(workspace, 'bindings/senders/mine.yaml'),
    `${head('SenderBinding', 'mine')}spec:\n  kind: http\n  ceiling: accepted\n  idempotent: false\n${recipe}`,
  );
  const spec = `{profile: webhook, state: state, targets: {operator: {sender: out}, oncall: {sender: out}, manager: {sender: out}}, senders: {out: ${instance}}}`;
  writeFileSync(join(workspace, 'bindings/default.yaml'), `${head('RuntimeBinding', 'default')}spec: ${spec}\n`);
  return (await loadCatalog({ workspace, packageRoot: PACKAGE, senderKinds: SENDER_KINDS, adapters: [] })).problems;
}

const RECIPE = `  with:
    source: https://api.example/docs
    parameters:
      token: { description: "Lets us in, tk-... or {env: X}.", secret: true }
      api_key: { description: "The key.", secret: true, optional: true }
    request:
      url: "https://api.telegram.org/bot{settings.token}/sendMessage?token={settings.token}"
      headers: { Authorization: "GenieKey {settings.api_key}", X-Token: "{settings.token}" }
      json: { token: "{settings.token}", text: "{message}" }
    answers:
      - { when: { status: [200], body: [{ pointer: /ok, equals: true }] }, then: accepted, reference: { pointer: /id } }
`;
const summary = (problems: Problem[]): string[] =>
  problems.map(
    ({ file, line, code, message, suggestion }) => `${file}:${line} ${code}: ${message}${suggestion === undefined ? '' : ` -> ${suggestion}`}`,
  );

it('a recipe may say where its secrets go', async () => {
  expect(summary(await problemsOf(RECIPE, '{use: mine, with: {settings: {token: {env: TOKEN}}}}'))).toEqual([]);
});

it('what a deployment does not supply is missing there, and only there', async () => {
  expect(summary(await problemsOf(RECIPE, '{use: mine}'))).toEqual(['bindings/default.yaml:4 missing_key: the setting "token" is missing']);
  expect(summary(await problemsOf(RECIPE, '{use: mine, with: {settings: {tokn: {env: TOKEN}}}}'))).toEqual([
    'bindings/default.yaml:4 missing_key: the setting "token" is missing',
    'bindings/default.yaml:4 unknown_key: unknown setting "tokn" -> token',
  ]);
});

it('a recipe that cannot work is wrong where it stands', async () => {
  const broken = RECIPE.replace('{message}', '{mesage}').replace(', reference: { pointer: /id }', '');
  expect(summary(await problemsOf(broken, '{use: mine, with: {settings: {token: {env: TOKEN}}}}'))).toEqual([
    'bindings/senders/mine.yaml:16 unknown_word: there is no placeholder {mesage} -> message',
    'bindings/senders/mine.yaml:18 missing_key: an answer that proves "accepted" has no reference',
  ]);
});

it.each([
  ['a setting that is declared secret', RECIPE.replaceAll('token', 'code'), '{use: mine, with: {settings: {code: canary-4711}}}'],
  ['a setting that is called a token', RECIPE, '{use: mine, with: {settings: {token: canary-4711}}}'],
  [
    'a header',
    RECIPE.replace('X-Token: "{settings.token}"', 'X-Token: "canary-4711-abcdef"'),
    '{use: mine, with: {settings: {token: {env: TOKEN}}}}',
  ],
  [
    'a header with a place and a secret',
    RECIPE.replace('X-Token: "{', 'X-Token: "canary-4711-abcdef{'),
    '{use: mine, with: {settings: {token: {env: TOKEN}}}}',
  ],
  [
    'a URL',
    RECIPE.replace('bot{settings.token}/', 'bot123456:canary-4711abcdefghijklmnopqrstuvwxyz/'),
    '{use: mine, with: {settings: {token: {env: TOKEN}}}}',
  ],
  ['a default', RECIPE.replace('secret: true }', 'secret: true, default: canary-4711 }'), '{use: mine}'],
])('a secret in clear is found, and never shown, in %s', async (_, recipe, instance) => {
  const problems = await problemsOf(recipe, instance);
  expect(problems.map(({ code }) => code)).toContain('secret_in_clear');
  expect(JSON.stringify(problems)).not.toContain('canary');
});
