import { parseStrict } from '../../model/json.ts';
import { isObject, type JsonObject, quoted } from '../foreign.ts';
import { keysOf, type Read, unreadable } from '../values.ts';
import { webAddressOf } from '../web-address.ts';

/** One pipeline or job in the input, and in which of the two ways it was told. */
export interface Found {
  where: string;
  kind: 'pipeline' | 'job';
  by: 'webhook' | 'api';
  object: JsonObject;
}

export type Document = { where: string } & Read<Found>;

const EXPECTED = 'expected a pipeline or job webhook, or pipelines or jobs as the REST API lists them';

/** The pipelines and jobs in the input: a webhook's payload, a list of the REST API, or one of its objects. */
export function documentsIn(input: Uint8Array): Document[] {
  const parsed = parseStrict(input);
  if (!parsed.ok) return [{ where: 'input', ...unreadable(parsed.detail) }];
  const body = parsed.value;
  if (Array.isArray(body)) return body.map((one, at) => ({ where: `[${at}]`, ...recognised(one, `[${at}]`) }));
  return [{ where: 'input', ...recognised(body, 'input') }];
}

/** A webhook says what it is. What the REST API answers does not: there the address of the thing itself tells pipelines from jobs. */
function recognised(object: unknown, where: string): Read<Found> {
  if (!isObject(object)) return unreadable(`${EXPECTED}; found ${quoted(object)}`);
  const kind = object['object_kind'];
  if (kind === 'pipeline') return { ok: true, value: { where, kind: 'pipeline', by: 'webhook', object } };
  if (kind === 'build') return { ok: true, value: { where, kind: 'job', by: 'webhook', object } };
  if (kind !== undefined) return unreadable(`${EXPECTED}; found a webhook about ${quoted(kind)}`);
  if (object['web_url'] === undefined) {
    const error = object['message'] ?? object['error'];
    return unreadable(error === undefined ? `${EXPECTED}; found ${keysOf(object)}` : `GitLab answered with an error: ${quoted(error)}`);
  }
  const address = webAddressOf(object['web_url'], 'web_url');
  if (!address.ok) return address;
  const what = address.value.segments.at(-2);
  if (what === 'pipelines') return { ok: true, value: { where, kind: 'pipeline', by: 'api', object } };
  if (what === 'jobs') return { ok: true, value: { where, kind: 'job', by: 'api', object } };
  return unreadable(`web_url must be the address of a pipeline or a job, found ${quoted(object['web_url'])}`);
}
