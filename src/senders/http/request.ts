import { RgovError } from '../../model/errors.ts';
import { isSecretRef } from '../../model/secret.ts';
import type { AttemptSecrets } from '../attempt-secrets.ts';
import type { HttpRequest } from '../http-client/post.ts';
import { hideUrl, httpUrl } from '../http-client/url.ts';
import { own, type Recipe, type RecipeRequest } from './recipe.ts';
import { parseTemplate, render, renderJson, renderWhole, type Values } from './template.ts';

/** What may stand in a header's value (RFC 9110, section 5.5): no line breaks, no controls, nothing beyond Latin-1. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Segments by which a path would leave the place that the recipe names; the URL parser obeys the encoded ones, too. */
const DOTS = /^(?:\.|%2e){1,2}$/i;

/** Everything that goes out in one attempt. Throws {@link RgovError} `invalid_documents` where a value is missing or cannot be used. */
export function requestFor(recipe: Recipe, number: number, values: Values, secrets: AttemptSecrets): HttpRequest {
  const { request } = recipe;
  const url = urlOf(recipe, values, secrets);
  const { type, body } = bodyOf(request, values);
  const headers: Record<string, string | number> = {
    'user-agent': 'reporting-governance',
    ...(type === undefined ? {} : { 'content-type': type }),
    ...headersOf(request, values, secrets),
    'rgov-attempt': number,
  };
  if (request.method !== 'GET') headers['content-length'] = body.length;
  return { method: request.method ?? 'POST', url, headers, body };
}

/** The name by which an outcome calls the receiver: its host, unless that is a secret of the deployment. */
export function receiverOf({ request, settings }: Recipe, url: URL): string {
  const first = beginning(request.url);
  return first?.startsWith('settings.') && isSecretRef(own(settings, first.slice('settings.'.length))) ? 'the receiver' : url.host;
}

function urlOf({ request, settings, address }: Recipe, values: Values, secrets: AttemptSecrets): URL {
  const first = beginning(request.url);
  const text = renderWhole(request.url, values, (value, index) => {
    if (first === undefined || index > 0) return encodeURIComponent(value);
    const base = httpUrl(value.trim());
    const isSecret = isSecretRef(own(settings, first.replace('settings.', ''))) || (first === 'address' && address?.secret === true);
    hideUrl(base, isSecret, secrets);
    if (request.url === `{${first}}`) return value.trim();
    if (base.search !== '' || base.hash !== '') throw new RgovError('invalid_documents', 'the URL goes on after a query; it must end before one');
    return value.trim().replace(/\/+$/, '');
  });
  if (text === undefined) throw new RgovError('invalid_documents', 'a part of the URL has no value');
  const path = text.replace(/[?#].*$/s, '');
  if (path.split(/[/\\]/).some((segment) => DOTS.test(segment))) {
    throw new RgovError('invalid_documents', 'a part of the URL would lead out of its path');
  }
  const url = httpUrl(text);
  const query = Object.entries(request.query ?? {}).flatMap(([name, template]) => {
    const value = renderWhole(template, values);
    return value === undefined ? [] : `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
  });
  // Appended as text: setting one parameter would spell all the others anew.
  if (query.length > 0) url.search = [url.search.slice(1), ...query].filter((part) => part !== '').join('&');
  return url;
}

/** The placeholder that a URL begins with: a whole URL, or the beginning of one. */
function beginning(template: string): string | undefined {
  const [first] = parseTemplate(template);
  return first !== undefined && 'name' in first ? first.name : undefined;
}

/** A header with a hole in it, such as `Bearer` and nothing, is left out. */
function headersOf({ headers = {}, auth }: RecipeRequest, values: Values, secrets: AttemptSecrets): Record<string, string> {
  const given = Object.entries(headers).map(([name, template]) => [name.toLowerCase(), renderWhole(template, values)] as const);
  const all = [...given, ['authorization', authorization(auth, values, secrets)] as const];
  return Object.fromEntries(
    all.flatMap(([name, value]) => {
      if (value === undefined) return [];
      // White space around a value means nothing (RFC 9110, section 5.5).
      const trimmed = value.trim();
      if (!HEADER_VALUE.test(trimmed)) throw new RgovError('invalid_documents', `the header ${name} would hold characters that no header can hold`);
      return [[name, trimmed]];
    }),
  );
}

function authorization(auth: RecipeRequest['auth'], values: Values, secrets: AttemptSecrets): string | undefined {
  if (auth?.basic) {
    const user = renderWhole(auth.basic.user, values);
    const password = renderWhole(auth.basic.password, values);
    if (user === undefined || password === undefined) return undefined;
    // RFC 7617: UTF-8, and no colon in the name, because the first one ends it.
    if (user.includes(':')) throw new RgovError('invalid_documents', 'the user name for basic authentication holds a colon');
    const credentials = Buffer.from(`${user}:${password}`).toString('base64');
    secrets.hide(credentials, 1);
    return `Basic ${credentials}`;
  }
  const token = auth?.bearer === undefined ? undefined : renderWhole(auth.bearer, values);
  return token === undefined ? undefined : `Bearer ${token}`;
}

function bodyOf({ json, form, text }: RecipeRequest, values: Values): { type?: string; body: Buffer } {
  if (json !== undefined) return { type: 'application/json; charset=utf-8', body: Buffer.from(JSON.stringify(renderJson(json, values) ?? null)) };
  if (form !== undefined) {
    const fields = Object.entries(form).flatMap(([name, template]) => {
      const value = render(template, values);
      return value === undefined ? [] : [[name, String(value)] as [string, string]];
    });
    return { type: 'application/x-www-form-urlencoded', body: Buffer.from(new URLSearchParams(fields).toString()) };
  }
  if (text !== undefined) return { type: 'text/plain; charset=utf-8', body: Buffer.from(String(render(text, values) ?? '')) };
  return { body: Buffer.alloc(0) };
}
