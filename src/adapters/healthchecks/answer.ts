import { parseStrict } from '../../model/json.ts';
import { isObject, type JsonObject, lineOf, quoted } from '../foreign.ts';

/** A check as the API describes it, and its pings where they were added to it. */
export interface Entry {
  /** Empty for a check that stands alone. */
  where: string;
  check: unknown;
  pings: unknown[] | null;
}

export type Opened = { ok: true; entries: Entry[] } | { ok: false; reason: string };

/**
 * Three documented forms of Management API v3 (https://healthchecks.io/docs/api/): the list of `GET /checks/`; one check, as `GET /checks/<id>` answers and
 * a webhook puts in for `$JSON`; and that within `{"now": ..., "check": ...}`, the example beside the webhook form. An answer to
 * `GET /checks/<id>/pings/` does not say whose pings these are, so they have to stand in the object of their check: `jq -s add check.json pings.json`.
 */
export function openAnswer(input: Uint8Array): Opened {
  const parsed = parseStrict(input);
  if (!parsed.ok) return { ok: false, reason: parsed.detail };
  const body = parsed.value;
  if (Array.isArray(body)) return refused('this is a list, as of flips, which says neither whose they are nor why');
  if (!isObject(body)) return refused(`this is ${quoted(body)}`);
  if (Array.isArray(body['checks'])) return { ok: true, entries: body['checks'].map((check, i) => ({ where: `checks[${i}]`, check, pings: null })) };
  if (isObject(body['check'])) return { ok: true, entries: [{ where: 'check', check: body['check'], pings: null }] };
  const pings = body['pings'];
  if (isCheck(body)) {
    if (pings !== undefined && !Array.isArray(pings)) return refused(`its pings are ${quoted(pings)}`);
    return { ok: true, entries: [{ where: '', check: body, pings: pings ?? null }] };
  }
  if (Array.isArray(pings)) return refused('these are pings that do not say of which check: add them to it with `jq -s add check.json pings.json`');
  const error = lineOf(body['error'], 200);
  if (error !== null) return { ok: false, reason: `the API answered with an error: ${quoted(error)}` };
  const keys = Object.keys(body).slice(0, 8).map(quoted).join(', ');
  return refused(keys === '' ? 'this is an empty object' : `this has ${keys}`);
}

const isCheck = (body: JsonObject): boolean => ['uuid', 'unique_key', 'slug', 'status'].some((key) => body[key] !== undefined);

function refused(found: string): Opened {
  return { ok: false, reason: `expected a check or a list of checks of the Management API v3, or a check with its pings; ${found}` };
}
