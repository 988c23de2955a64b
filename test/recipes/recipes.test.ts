import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { reaches } from '../../src/model/evidence.ts';
import validateSenderBinding from '../../src/model/generated/validate-sender-binding.js';
import { sha256 } from '../../src/model/hash.ts';
import { MEASURES } from '../../src/senders/message.ts';
import { NOTICE } from '../support/loopback-attempt.ts';
import type { Behaviour } from '../support/loopback-receiver.ts';
import { type AnswerFixture, type Fixtures, MAY_BECOME, MUST_SHOW, type Recipe, type RequestFixture, readFixtures, readRecipes } from './fixtures.ts';
import { type Played, play } from './stage.ts';

const RECIPES = join(import.meta.dirname, '../../bindings/senders');
/** Receivers of everybody's own making: no body of theirs is known, so none is unknown, and no provider documents them. */
const OF_ANY_MAKE = new Set(['cloudevents-http']);

const answerOf = ({ status, headers = {}, json, body }: AnswerFixture): Behaviour & { body: string } =>
  json === undefined
    ? { status, headers, body: body ?? '' }
    : { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(json) };

/** What is missing before a recipe may be shipped. */
function missing({ requests, answers, limits }: Fixtures): string[] {
  return [
    ...(requests.length === 0 ? ['requests'] : []),
    ...(limits.length === 0 ? ['limits'] : []),
    ...MUST_SHOW.filter((what) => !answers.some(({ shows }) => shows === what)),
  ];
}

function firstRequest({ requests }: Fixtures): RequestFixture {
  const [first] = requests;
  if (first === undefined) throw new Error('there is no request among the fixtures');
  return first;
}

async function checkRequest(recipe: Recipe, fixture: RequestFixture, fixtures: Fixtures): Promise<void> {
  const success = fixtures.answers.find(({ shows }) => shows === 'success');
  const { outcome, requests } = await play(recipe, fixture, success ? answerOf(success) : { status: 200 });
  expect(['proved', 'custody'], JSON.stringify(outcome)).toContain(outcome.kind);
  expect(requests).toHaveLength(1);
  const [{ method, url, headers, body }] = requests as [Played['requests'][number]];
  const { json, form, text, ...rest } = fixture.expect;
  expect({ method, url }).toEqual({ method: rest.method, url: rest.url });
  expect(headers).toMatchObject(rest.headers ?? {});
  if (json !== undefined) {
    expect(headers['content-type']).toMatch(/^application\/([a-z.]+\+)?json\b/);
    expect(JSON.parse(body.toString('utf8'))).toEqual(json);
  } else if (form !== undefined) {
    expect(headers['content-type']).toMatch(/^application\/x-www-form-urlencoded\b/);
    expect(Object.fromEntries(new URLSearchParams(body.toString('utf8')))).toEqual(form);
  } else expect(body.toString('utf8')).toBe(text ?? '');
}

async function checkAnswer(recipe: Recipe, answer: AnswerFixture, fixtures: Fixtures): Promise<void> {
  const behaviour = answerOf(answer);
  const { outcome, requests, secrets } = await play(recipe, firstRequest(fixtures), behaviour);
  const { reference, reason, ...exact } = answer.expect;
  expect(outcome).toMatchObject(exact);
  if (reference !== undefined) expect(outcome).toHaveProperty('reference', reference === 'digest' ? `sha256:${sha256(behaviour.body)}` : reference);
  if (reason !== undefined) expect(outcome).toHaveProperty('reason', expect.stringContaining(String(reason)));
  expect(requests, 'one attempt is one request').toHaveLength(1);
  const allowed = answer.shows === 'unknown body' && OF_ANY_MAKE.has(recipe.name) ? ['proved'] : MAY_BECOME[answer.shows];
  expect(allowed, 'what such an answer may come to').toContain(outcome.kind);
  if (outcome.kind === 'proved') expect(reaches(recipe.ceiling, outcome.level)).toBe(true);
  for (const secret of secrets) expect(JSON.stringify(outcome)).not.toContain(secret);
}

/** The value at an RFC 6901 pointer, or the field of a form. */
function valueAt(body: Buffer, contentType: string, pointer: string): string {
  const text = body.toString('utf8');
  if (contentType.includes('form')) return new URLSearchParams(text).get(pointer.slice(1)) ?? '';
  const steps = pointer.split('/').slice(1);
  return String(steps.reduce<unknown>((value, step) => (value as Record<string, unknown>)[step], JSON.parse(text)));
}

/** What costs most: graphemes of many units, what JSON and markup escape, and ordinary words. */
const LONG_TEXTS: [string, string][] = [
  ['emoji', '\u{1f468}\u200d\u{1f469}\u200d\u{1f467} '.repeat(1_800)],
  ['quotes and newlines', '"\\\n'.repeat(5_000)],
  ['markup', '<&>*_`[x](y)~'.repeat(1_200)],
  ['words', 'Sicherung schlug fehl; '.repeat(700)],
];

async function checkLimits(recipe: Recipe, fixtures: Fixtures, text: string): Promise<void> {
  const notice = { ...NOTICE, title: `\u{1f4be}${'<"\u{1f4be}"> '.repeat(40)}`.slice(0, 300).toWellFormed(), text };
  const { requests } = await play(
    recipe,
    firstRequest(fixtures),
    { status: 200 },
    { notice, acknowledgeUrl: `https://ack.example.org/${'k'.repeat(64)}` },
  );
  expect(requests).toHaveLength(1);
  const [{ body, headers }] = requests as [Played['requests'][number]];
  for (const { pointer, max, measure, message } of fixtures.limits) {
    const value = pointer === undefined ? body.toString('utf8') : valueAt(body, headers['content-type'] ?? '', pointer);
    expect(value, pointer).not.toBe('');
    expect(MEASURES[measure](value), `${pointer ?? 'the whole body'} has ${max} ${measure} at most`).toBeLessThanOrEqual(max);
    expect(value.isWellFormed(), 'no grapheme is cut through').toBe(true);
    if (!message) continue;
    const plain = value.replace(/\\([^A-Za-z0-9\s])/g, '$1');
    expect(plain.endsWith(`[rg:${NOTICE.id}]`), plain.slice(-200)).toBe(true);
    expect(plain.includes(`Acknowledge: https://ack.example.org/${'k'.repeat(64)}`), plain.slice(-300)).toBe(true);
    expect(value.includes('…') || value.includes(text.trimEnd()), 'what is missing has a mark').toBe(true);
  }
}

const recipes = readRecipes(RECIPES);

it('finds the recipes', () => {
  expect(recipes.length).toBeGreaterThanOrEqual(16);
});

describe.each(recipes)('recipe $name', (recipe) => {
  const fixtures = readFixtures(join(import.meta.dirname, recipe.name));

  it('has fixtures for all that must be known of it', () => {
    expect(missing(fixtures)).toEqual([]);
  });

  it('is a sender binding that names its source, keeps to https, and is called as its file is', () => {
    expect(validateSenderBinding(recipe.document), JSON.stringify(validateSenderBinding.errors)).toBe(true);
    expect(recipe.config.source).toMatch(/^https:\/\//);
    expect(recipe.document).toMatchObject({ metadata: { name: recipe.name } });
    expect(recipe.description).not.toBe('');
  });

  it.each(fixtures.requests)('request: $name', (fixture) => checkRequest(recipe, fixture, fixtures));

  it.each(fixtures.answers)('answer: $name', (answer) => checkAnswer(recipe, answer, fixtures));

  it.each(LONG_TEXTS)('keeps to the limits of its provider: %s', (_, text) => checkLimits(recipe, fixtures, text));

  it('shows the same key on every attempt, if it counts on the provider to ignore a repeated one', async () => {
    const key = 'key-that-stands-nowhere-else';
    const seen = await Promise.all(
      [1, 2].map(async (number) => {
        const { requests } = await play(recipe, firstRequest(fixtures), { status: 503 }, { number, idempotencyKey: key });
        return requests.map(({ method, url, body }) => `${method} ${url}\n${body.toString('utf8')}`);
      }),
    );
    if (recipe.idempotent) expect(seen[0]?.[0]).toContain(key);
    expect(seen[0]).toEqual(seen[1]);
  });

  it('does not call a gateway that waited in vain a failure, unless a repeated message does no harm', async () => {
    const { outcome } = await play(recipe, firstRequest(fixtures), { status: 504 });
    // Of a receiver of one's own making nothing is known; Standard Webhooks has senders try again.
    expect(outcome.kind).toBe(recipe.idempotent || OF_ANY_MAKE.has(recipe.name) ? 'retryable' : 'ambiguous');
  });

  it.each([200, 202, 400, 401, 429, 500])('keeps secrets out of the outcome of an answer with %i that repeats them', async (status) => {
    const told = await play(recipe, firstRequest(fixtures), { status });
    // The word after the scheme: a token, or name and password in base64.
    const credentials = told.requests.flatMap(({ headers }) => headers['authorization']?.split(' ').slice(1) ?? []);
    const secrets = [...told.secrets, ...credentials];
    const echo = secrets.join(' and ');
    const members = [
      'id',
      'name',
      'message',
      'error',
      'errors',
      'description',
      'errorDescription',
      'ts',
      'sid',
      'requestId',
      'event_id',
      'eventId',
      'request',
      'dedup_key',
    ];
    const body = JSON.stringify({
      ok: status === 200,
      status: 1,
      event: 'message',
      appid: 1,
      ...Object.fromEntries(members.map((name) => [name, echo])),
    });
    const { outcome } = await play(recipe, firstRequest(fixtures), { status, headers: { 'x-ms-workflow-run-id': echo, 'x-request-id': echo }, body });
    for (const secret of secrets) expect(JSON.stringify(outcome)).not.toContain(secret);
  });
});

describe('one more provider', () => {
  const binding = `
apiVersion: reporting-governance/v1
kind: SenderBinding
metadata: { name: pigeon, description: A provider that nobody has heard of }
spec:
  kind: http
  ceiling: accepted
  idempotent: false
  with:
    source: https://pigeon.example.org/docs
    parameters: { coop: { description: The coop's key, secret: true } }
    request:
      url: https://api.pigeon.example.org/fly
      auth: { bearer: "{settings.coop}" }
      json: { to: "{address}", note: "{message}" }
    message: { max: 256 }
    answers:
      - { when: { status: [200], body: [{ pointer: /ring, exists: true }] }, then: accepted, reference: { pointer: /ring } }
      - { when: { status: [504] }, then: ambiguous }
`;
  const fixture = `
requests:
  - name: to the roof
    address: roof
    notice: { title: t, text: x }
    settings: { coop: made-up-key-of-the-coop }
    expect:
      method: POST
      url: https://api.pigeon.example.org/fly
      headers: { authorization: Bearer made-up-key-of-the-coop }
      json: { to: roof, note: "t\\n\\nx\\n\\n[rg:${NOTICE.id}]" }
limits: [{ pointer: /note, max: 256, measure: characters, message: true }]
answers:
  - { name: it flew, shows: success, status: 200, json: { ring: r-7 }, expect: { kind: proved, level: accepted, reference: r-7 } }
  - { name: who are you, shows: refused credentials, status: 401, body: no, expect: { kind: rejected } }
  - { name: tired, shows: rate limited, status: 429, headers: { retry-after: "7" }, expect: { kind: retryable, retryAfter_ms: 7000 } }
  - { name: fell down, shows: server error, status: 500, expect: { kind: retryable } }
  - { name: coo, shows: unknown body, status: 200, body: coo, expect: { kind: ambiguous } }
`;

  it('is one file and its fixtures', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rgov-recipes-'));
    try {
      for (const part of ['senders', 'fixtures/pigeon']) mkdirSync(join(folder, part), { recursive: true });
      cpSync(join(RECIPES, 'file.yaml'), join(folder, 'senders/file.yaml'));
      writeFileSync(join(folder, 'senders/pigeon.yaml'), binding);
      writeFileSync(join(folder, 'fixtures/pigeon/all.yaml'), fixture);

      const [pigeon, ...others] = readRecipes(join(folder, 'senders'));
      expect(others).toEqual([]);
      if (pigeon === undefined) throw new Error('the new recipe was not found');
      const fixtures = readFixtures(join(folder, 'fixtures/pigeon'));
      expect(missing(fixtures)).toEqual([]);
      for (const request of fixtures.requests) await checkRequest(pigeon, request, fixtures);
      for (const answer of fixtures.answers) await checkAnswer(pigeon, answer, fixtures);
      await checkLimits(pigeon, fixtures, 'x'.repeat(500));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is not let in without its fixtures, or with some of them missing', () => {
    expect(missing(readFixtures(join(tmpdir(), 'no-such-folder')))).toEqual(['requests', 'limits', ...MUST_SHOW]);
    const { answers, ...rest } = parse(fixture) as Fixtures;
    for (const what of MUST_SHOW) expect(missing({ ...rest, answers: answers.filter(({ shows }) => shows !== what) })).toEqual([what]);
  });
});
