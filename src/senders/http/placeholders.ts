import { RgovError } from '../../model/errors.ts';
import { sha256 } from '../../model/hash.ts';
import type { Attempt } from '../../model/outcome.ts';
import { isSecretRef } from '../../model/secret.ts';
import type { AttemptSecrets } from '../attempt-secrets.ts';
import { hideUrl } from '../http-client/url.ts';
import { cut, MEASURES, type MessageLimit, messageText } from '../message.ts';
import { words } from '../outcome-text.ts';
import { ESCAPES } from './escape.ts';
import { own, type Recipe, type Scalar } from './recipe.ts';
import type { Values } from './template.ts';

/** What a recipe may say of one attempt. */
interface Facts {
  attempt: Attempt;
  limit: Required<Pick<MessageLimit, 'max' | 'measure' | 'escape'>>;
  recipe: Recipe;
}

/** No provider takes longer ones, and the words of a notice are bounded themselves. */
const UNLIMITED = 1_000_000;

/** Every placeholder of our own; settings and maps are named by the recipe. */
const OWN: Record<string, (facts: Facts) => Scalar | undefined> = {
  address: ({ attempt, recipe }) => addressOf(attempt, recipe),
  id: ({ attempt }) => attempt.notice.id,
  key: ({ attempt }) => attempt.idempotencyKey,
  'key.short': ({ attempt }) => sha256(attempt.idempotencyKey).slice(0, 24),
  'key.uuid': ({ attempt }) => uuidOf(sha256(attempt.idempotencyKey)),
  title: ({ attempt, limit, recipe }) => limit.escape(shortTitle(attempt, limit, recipe, limit.escape)),
  'title.raw': ({ attempt, limit, recipe }) => shortTitle(attempt, limit, recipe, ESCAPES.none),
  text: ({ attempt, limit }) => limit.escape(shortened(words(attempt.notice).text, limit.max, limit, limit.escape)),
  'text.raw': ({ attempt, limit }) => shortened(words(attempt.notice).text, limit.max, limit, ESCAPES.none),
  message: ({ attempt, limit, recipe }) => messageText(attempt, { ...limit, withTitle: recipe.message?.title ?? true }),
  severity: ({ attempt }) => attempt.notice.severity,
  subject: ({ attempt }) => attempt.notice.subject,
  eventType: ({ attempt }) => attempt.notice.eventType,
  time: ({ attempt }) => attempt.notice.time,
  'time.unix': ({ attempt }) => Math.floor(Date.parse(attempt.notice.time) / 1000),
  deadline: ({ attempt }) => attempt.notice.deadline ?? undefined,
  target: ({ attempt }) => attempt.notice.target,
  rule: ({ attempt }) => attempt.notice.rule.id,
  acknowledgeUrl: ({ attempt }) => attempt.acknowledgeUrl,
  attempt: ({ attempt }) => attempt.number,
};

/** Every placeholder that a recipe may use. */
export function placeholderNames({ parameters, maps }: Pick<Recipe, 'parameters' | 'maps'>): string[] {
  return [
    ...Object.keys(OWN),
    ...Object.keys(parameters ?? {}).map((name) => `settings.${name}`),
    ...Object.keys(maps ?? {}).map((name) => `map.${name}`),
  ];
}

/** The values of one attempt. Secrets are resolved when a template asks for them; a value that the request cannot do without throws {@link RgovError}. */
export function valuesFor(recipe: Recipe, attempt: Attempt, secrets: AttemptSecrets): Values {
  const { max = UNLIMITED, measure = 'characters', escape: escaped = 'none' } = recipe.message ?? {};
  const facts: Facts = { attempt, recipe, limit: { max, measure: MEASURES[measure], escape: ESCAPES[escaped] } };
  // The link lets whoever has it say that they were told.
  if (attempt.acknowledgeUrl !== undefined && URL.canParse(attempt.acknowledgeUrl)) hideUrl(new URL(attempt.acknowledgeUrl), false, secrets);
  if (recipe.address?.secret && attempt.address !== undefined) secrets.hide(attempt.address, 1);
  return (name) => {
    const dot = name.indexOf('.');
    const rest = name.slice(dot + 1);
    if (name.startsWith('settings.')) return settingOf(recipe, rest, secrets);
    if (name.startsWith('map.')) return mapped(recipe, rest, facts);
    const value = own(OWN, name);
    if (value === undefined) throw new RgovError('invalid_documents', `the recipe has a placeholder {${name}} that does not exist`);
    return value(facts);
  };
}

function addressOf(attempt: Attempt, { address }: Recipe): string | undefined {
  const text = attempt.address?.trim();
  if (text !== undefined && text !== '') return text;
  if (address?.optional) return undefined;
  throw new RgovError('invalid_documents', `the target has no address${address === undefined ? '' : ` (${address.description})`}`);
}

function settingOf({ settings, parameters }: Recipe, name: string, secrets: AttemptSecrets): Scalar | undefined {
  const parameter = own(parameters, name);
  const setting = own(settings, name) ?? parameter?.default;
  if (setting === undefined) {
    if (parameter?.optional) return undefined;
    throw new RgovError('invalid_documents', `the setting "${name}" is missing`);
  }
  // A secret from a file often ends in a newline.
  if (isSecretRef(setting)) return secrets.reveal(setting).trim();
  return setting;
}

function mapped({ maps }: Recipe, name: string, facts: Facts): Scalar | undefined {
  const map = own(maps, name);
  if (map === undefined) throw new RgovError('invalid_documents', `the recipe has no map "${name}"`);
  return own(map.values, String(OWN[map.of]?.(facts))) ?? map.default;
}

const shortTitle = ({ notice }: Attempt, limit: Facts['limit'], { message }: Recipe, escaped: (text: string) => string): string =>
  shortened(words(notice).title, message?.titleMax ?? limit.max, limit, escaped);

/** Cut so that it fits once it is escaped. */
function shortened(text: string, max: number, { measure }: Facts['limit'], escaped: (text: string) => string): string {
  return cut(text, { max, measure: (piece) => measure(escaped(piece)) });
}

/** 128 bits of a digest in the form of a UUID of version 8 (RFC 9562, section 5.8), for providers whose keys must be UUIDs. */
function uuidOf(digest: string): string {
  const variant = ((Number.parseInt(digest.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return [digest.slice(0, 8), digest.slice(8, 12), `8${digest.slice(13, 16)}`, `${variant}${digest.slice(17, 20)}`, digest.slice(20, 32)].join('-');
}
