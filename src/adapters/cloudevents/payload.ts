import { MAX_EVENT_BYTES } from '../../model/event.ts';
import { isObject, type JsonObject, quoted } from '../foreign.ts';

export type Payload = { ok: true; data: Record<string, unknown> | undefined } | { ok: false; reason: string };

/** A media type whose subtype is `json` or ends in `+json`, parameters aside: what the JSON event format calls a JSON payload. */
const JSON_TYPE = /^[^/;\s]+\/([^/;\s]+\+)?json\s*(;|$)/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * The payload as an object, which is the only kind of `data` that an event on disk has. Anything else is wrapped: a JSON value
 * or a text as `{value}`, binary as `{base64}`, with the content type beside it where it is not JSON.
 * After "JSON Event Format for CloudEvents 1.0.2", section 3.1.
 */
export function readPayload(event: JsonObject, contentType: string | undefined): Payload {
  // A null in `data` is a payload of its own; a null attribute is an absent one.
  const data = Object.hasOwn(event, 'data') ? event['data'] : undefined;
  const base64 = event['data_base64'] ?? undefined;
  const isJson = contentType === undefined || JSON_TYPE.test(contentType);
  if (data !== undefined && base64 !== undefined) return { ok: false, reason: 'data and data_base64 exclude each other' };
  if (base64 !== undefined) {
    // Before the pattern sees it: on tens of megabytes a regular expression runs out of stack.
    if (typeof base64 === 'string' && base64.length > MAX_EVENT_BYTES) {
      return { ok: false, reason: `data_base64 has ${base64.length} bytes; an event may have ${MAX_EVENT_BYTES}` };
    }
    if (typeof base64 !== 'string' || !BASE64.test(base64)) return { ok: false, reason: `data_base64 must be Base64 text, found ${quoted(base64)}` };
    return { ok: true, data: { base64, ...(contentType === undefined ? {} : { contentType }) } };
  }
  if (data === undefined) return { ok: true, data: undefined };
  if (isJson) return { ok: true, data: isObject(data) ? data : { value: data } };
  if (typeof data !== 'string' && data !== null) {
    return { ok: false, reason: `datacontenttype is ${quoted(contentType)}, so data must be text; found ${quoted(data)}` };
  }
  return { ok: true, data: { value: data, contentType } };
}
