import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { configProblems } from './check.ts';

const GOOD = `
source: https://api.example/docs
parameters:
  token: { description: Lets us in., secret: true }
  room: { description: Where to., default: lobby }
request: { url: "https://api.example/{settings.room}", auth: { bearer: "{settings.token}" }, json: { text: "{message}", level: "{map.level}" } }
maps: { level: { of: severity, values: { info: 1, critical: 2 } } }
answers: [{ when: { status: [200] }, then: accepted, reference: { digest: true } }]
settings: { token: { env: TOKEN } }
`;

/** The good recipe with members laid over it; `path message -> suggestion` of what is found. */
function found(changes = '{}', complete = true): string[] {
  const config = { ...parse(GOOD), ...parse(changes) } as Record<string, unknown>;
  return configProblems(config, complete).map(
    ({ path, code, message, suggestion }) => `/${path.join('/')} ${code ?? ''}: ${message}${suggestion === undefined ? '' : ` -> ${suggestion}`}`,
  );
}

it('has nothing against a good recipe', () => {
  expect(found()).toEqual([]);
  expect(configProblems({ source: 'https://api.example/docs' }, false)).toEqual([]);
});

const REQUEST = 'url: "https://api.example/{settings.room}", auth: { bearer: "{settings.token}" }';

it.each<[string, string[]]>([
  [
    `request: { ${REQUEST}, json: { a: ["{titel}"], b: "{map.lavel}", c: "{settings.rom}" } }`,
    [
      '/request/json/a/0 unknown_word: there is no placeholder {titel} -> title',
      '/request/json/b unknown_word: there is no placeholder {map.lavel} -> map.level',
      '/request/json/c unknown_word: there is no placeholder {settings.rom} -> settings.room',
    ],
  ],
  [`request: { ${REQUEST}, text: '{"text":"{message}"}' }`, ['/request/text : a brace opens no placeholder: "{\\"text\\":\\"{message}\\"}"']],
  [`request: { ${REQUEST}, headers: { x-a: "{constructor}" } }`, ['/request/headers/x-a unknown_word: there is no placeholder {constructor}']],
  ['request: { url: "https://api.example/", auth: { bearer: "{settings.token}" } }', ['/parameters/room : the parameter "room" is used nowhere']],
  [`request: { ${REQUEST}, json: {}, text: x }`, ['/request/text : there is no room for a body in text']],
  [`request: { ${REQUEST}, method: GET, form: { a: b } }`, ['/request/form : there is no room for a body in form']],
  [`request: { ${REQUEST}, headers: { Authorization: x } }`, ['/request/auth : the header authorization is given twice']],
  ['request: { url: "ftp://{settings.room}/{settings.token}" }', ['/request/url : the URL is not an http or https URL']],
  ['settings: { token: { env: TOKEN }, rooom: x }', ['/settings/rooom unknown_key: unknown setting "rooom" -> room']],
  ['settings: { token: in-the-clear }', ['/settings/token secret_in_clear: the setting "token" stands here in clear']],
  ['settings: {}', ['/ missing_key: the setting "token" is missing']],
  ['answers: [{ when: { status: [200] }, then: relayed }]', ['/answers/0 missing_key: an answer that proves "relayed" has no reference']],
  [
    'answers: [{ when: { status: ["599-500"] }, then: rejected, who: x }]',
    ['/answers/0/who : "who" says nothing where the answer means "rejected"', '/answers/0/when/status/0 : 599-500 is no range'],
  ],
  ['maps: { level: { of: severity, values: { eror: 1 } } }', ['/maps/level/values/eror : "eror" is no severity -> error']],
  ['allowHosts: [localhost, "10.0.0.0/99", "http://a"]', ['/allowHosts/1 : "10.0.0.0/99" is no host', '/allowHosts/2 : "http://a" is no host']],
])('finds what is wrong with %s', (changes, expected) => {
  expect(found(changes)).toEqual(expected);
});

it('finds a default of a secret', () => {
  expect(found('parameters: { token: { description: t, secret: true, default: x }, room: { description: r } }\nsettings: { room: a }')).toEqual([
    '/parameters/token/default secret_in_clear: the secret "token" has a default',
  ]);
});

it('does not miss what a deployment is still to supply', () => {
  expect(found('settings: {}', false)).toEqual([]);
});
