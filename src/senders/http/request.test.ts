import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { attemptFor, NOTICE } from '../../../test/support/loopback-attempt.ts';
import type { Attempt } from '../../model/outcome.ts';
import { Secret } from '../../model/secret.ts';
import { AttemptSecrets } from '../attempt-secrets.ts';
import type { HttpRequest } from '../http-client/post.ts';
import { valuesFor } from './placeholders.ts';
import type { Recipe } from './recipe.ts';
import { receiverOf, requestFor } from './request.ts';

const SECRETS: Record<string, string> = { TOKEN: 'to/ken?\n', SERVER: 'https://own.example/base/\n', WHOLE: 'https://own.example/hook?k=v' };

const PARAMETERS = `{ token: { description: t, secret: true }, maybe: { description: m, optional: true, secret: true }, server: { description: s, default: "https://api.example" } }`;

function built(
  request: string,
  changes: Partial<Attempt> = {},
  more = '',
): HttpRequest & { text: string; receiver: string; secrets: AttemptSecrets } {
  const secrets = new AttemptSecrets((reference) => new Secret(SECRETS['env' in reference ? reference.env : ''] ?? ''));
  const recipe = { parameters: parse(PARAMETERS), settings: { token: { env: 'TOKEN' } }, ...parse(more), request: parse(request) } as Recipe;
  const values = valuesFor(recipe, attemptFor({ address: 'room', ...changes }), secrets);
  const result = requestFor(recipe, 3, values, secrets);
  return { ...result, text: result.body.toString(), receiver: receiverOf(recipe, result.url), secrets };
}

describe('the URL', () => {
  it.each<[string, string, string?]>([
    ['{ url: "https://api.example/bot{settings.token}/send" }', 'https://api.example/botto%2Fken%3F/send'],
    ['{ url: "{settings.server}/rooms/{address}" }', 'https://api.example/rooms/room'],
    ['{ url: "{settings.server}/x" }', 'https://own.example/base/x', 'settings: { token: { env: TOKEN }, server: { env: SERVER } }'],
    ['{ url: "{settings.server}" }', 'https://own.example/hook?k=v', 'settings: { token: { env: TOKEN }, server: { env: WHOLE } }'],
    [
      '{ url: "{settings.server}", query: { a: "{address}", b: "{settings.maybe}" } }',
      'https://own.example/hook?k=v&a=room',
      'settings: { server: { env: WHOLE } }',
    ],
    ['{ url: "https://api.example/x?z=1", query: { "a b": "{address}&c" } }', 'https://api.example/x?z=1&a%20b=room%26c'],
  ])('%s is %s', (request, expected, more) => {
    expect(built(request, {}, more ?? '{}').url.href).toBe(expected);
  });

  it.each(['..', '.', '../admin', '%2e%2e', '..\\admin'])('stays in its place with the address %s', (address) => {
    const send = () => built('{ url: "https://api.example/rooms/{address}/send" }', { address }).url;
    if (address === '..' || address === '.') expect(send).toThrow('lead out of its path');
    else expect(send().pathname).toMatch(/^\/rooms\/[^/]+\/send$/);
  });

  it.each<[string, string, string?]>([
    ['{ url: "{address}" }', 'not an http or https URL'],
    ['{ url: "file:///etc/passwd" }', 'not an http or https URL'],
    ['{ url: "https://{address}@evil.example:x/" }', 'not an http or https URL'],
    ['{ url: "{settings.server}/more" }', 'must end before', 'settings: { token: { env: TOKEN }, server: { env: WHOLE } }'],
    ['{ url: "https://a.example/{settings.maybe}" }', 'has no value'],
    ['{ url: "https://a.example/{settings.gone}" }', 'the setting "gone" is missing'],
    ['{ url: "https://a.example/{nonsense}" }', '{nonsense}'],
  ])('%s is refused: %s', (request, words, more) => {
    expect(() => built(request, {}, more ?? '{}')).toThrow(words);
  });

  it('cannot be sent to another host by what stands in it', () => {
    const { url } = built('{ url: "https://api.example/{address}" }', { address: '@evil.example/\\..//evil.example' });
    expect(url.host).toBe('api.example');
  });
});

describe('headers', () => {
  const URL_LINE = 'url: "https://a.example/"';

  it('are joined by ours, and left out where they have a hole', () => {
    const { headers, method } = built(
      `{ ${URL_LINE}, headers: { X-Token: " {settings.token} ", X-Maybe: "m {settings.maybe}" }, auth: { bearer: "{settings.maybe}" }, text: hi }`,
    );
    expect(method).toBe('POST');
    expect(headers).toEqual({
      'user-agent': 'reporting-governance',
      'content-type': 'text/plain; charset=utf-8',
      'x-token': 'to/ken?',
      'rgov-attempt': 3,
      'content-length': 2,
    });
  });

  it('hold credentials as RFC 7617 and RFC 6750 say', () => {
    const basic = built(`{ ${URL_LINE}, auth: { basic: { user: "Aladdin", password: "open sesame" } } }`);
    expect(basic.headers['authorization']).toBe('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==');
    expect(basic.secrets.redact('sent QWxhZGRpbjpvcGVuIHNlc2FtZQ==')).toBe('sent [secret]');
    expect(built(`{ ${URL_LINE}, auth: { bearer: "{settings.token}" } }`).headers['authorization']).toBe('Bearer to/ken?');
    expect(() => built(`{ ${URL_LINE}, auth: { basic: { user: "{address}", password: x } } }`, { address: 'a:b' })).toThrow('colon');
  });

  it.each(['one\r\ntwo: three', 'a\nb', 'nul\u0000', 'gr\u00fc\u00dfe \u2713'])('never hold %j', (text) => {
    expect(() => built(`{ ${URL_LINE}, headers: { x-title: "a {text.raw} b" } }`, { notice: { ...NOTICE, text } })).toThrow(
      /^the header x-title would hold characters/,
    );
  });
});

describe('the body', () => {
  const body = (part: string, changes: Partial<Attempt> = {}, more = '{}'): string =>
    built(`{ url: "https://a.example/", ${part} }`, changes, more).text;

  it('is JSON with every placeholder of ours', () => {
    const names = [
      'address',
      'id',
      'key',
      'key.short',
      'key.uuid',
      'title',
      'text',
      'severity',
      'subject',
      'eventType',
      'time',
      'time.unix',
      'deadline',
    ];
    const template = Object.fromEntries([...names, 'target', 'rule', 'acknowledgeUrl', 'attempt'].map((name) => [name, `{${name}}`]));
    expect(JSON.parse(body(`json: ${JSON.stringify(template)}`, { number: 3, acknowledgeUrl: 'https://a.example/ack/1' }))).toEqual({
      address: 'room',
      id: NOTICE.id,
      key: NOTICE.id,
      'key.short': expect.stringMatching(/^[0-9a-f]{24}$/),
      'key.uuid': expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      title: NOTICE.title,
      text: NOTICE.text,
      severity: 'error',
      subject: 'job/nightly-backup',
      eventType: 'run.failed',
      time: NOTICE.time,
      'time.unix': 1_795_316_400,
      deadline: NOTICE.deadline,
      target: 'operator',
      rule: 'failure-reaches-operator',
      acknowledgeUrl: 'https://a.example/ack/1',
      attempt: 3,
    });
  });

  it('is a form, encoded once', () => {
    const text = body(
      'form: { to: "{address}", level: "{map.level}", none: "{acknowledgeUrl}" }',
      { address: 'a&b=\u00fc ' },
      'maps: { level: { of: severity, values: { error: 4 } } }',
    );
    expect(text).toBe('to=a%26b%3D%C3%BC&level=4');
  });

  it('holds maps of ours to theirs, with a default or nothing', () => {
    const maps =
      'maps: { a: { of: severity, values: { info: 1 }, default: 9 }, b: { of: severity, values: { info: 1 } }, c: { of: rule, values: { constructor: 1 } } }';
    expect(JSON.parse(body('json: { a: "{map.a}", b: "{map.b}", c: "{map.c}" }', {}, maps))).toEqual({ a: 9 });
  });

  it('holds a message of the length that the provider takes, once it is escaped', () => {
    const notice = { ...NOTICE, title: '<'.repeat(300), text: '&'.repeat(5_000) };
    const message = 'message: { max: 500, measure: bytes, escape: html, titleMax: 40 }';
    const { m, t, x, raw } = JSON.parse(
      body('json: { m: "{message}", t: "{title}", x: "{text}", raw: "{text.raw}" }', { notice }, message),
    ) as Record<string, string>;
    expect(Buffer.byteLength(m as string)).toBeLessThanOrEqual(500);
    expect(m).toContain(`[rg:${NOTICE.id}]`);
    expect(t).toBe(`${'&lt;'.repeat(9)}\u2026`);
    expect(x).toMatch(/^(&amp;)+\u2026$/);
    expect(Buffer.byteLength(x as string)).toBeLessThanOrEqual(500);
    expect(raw).toMatch(/^&+\u2026$/);
  });

  it('says what is missing where the target has no address', () => {
    expect(() => body('json: { to: "{address}" }', { address: undefined }, 'address: { description: A room. }')).toThrow(
      'the target has no address (A room.)',
    );
    expect(body('json: { to: "{address}" }', { address: undefined }, 'address: { description: A room., optional: true }')).toBe('{}');
  });
});

it('names the receiver by its host, unless the deployment keeps that secret', () => {
  expect(built('{ url: "{settings.server}" }').receiver).toBe('api.example');
  expect(built('{ url: "{settings.server}" }', {}, 'settings: { server: { env: WHOLE } }').receiver).toBe('the receiver');
});
