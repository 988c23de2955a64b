import type { EventDraft } from '../../model/event.ts';
import { flawOf, isObject, quoted } from '../foreign.ts';
import { Attributes } from './attributes.ts';
import { readPayload } from './payload.ts';

export type ReadEvent = { ok: true; draft: EventDraft } | { ok: false; reason: string };

/** One event in the JSON format of CloudEvents 1.0 as a draft, or everything that is wrong with it in one reason. */
export function readEvent(value: unknown): ReadEvent {
  if (!isObject(value)) return { ok: false, reason: `expected a CloudEvent, a JSON object; found ${quoted(value)}` };
  const attributes = new Attributes(value);
  if (value['specversion'] !== '1.0') attributes.problems.push(`specversion must be "1.0", found ${quoted(value['specversion'])}`);
  const id = attributes.required('id', 512);
  const source = attributes.source();
  const type = attributes.type();
  const subject = attributes.subject();
  const time = attributes.time();
  const severity = attributes.severity();
  const provenance = attributes.provenance() ?? 'asserted';
  const runid = attributes.optional('runid', 512);
  const dataschema = attributes.optional('dataschema', 1024);
  const extensions = attributes.extensions();
  const payload = readPayload(value, attributes.optional('datacontenttype', 256));
  if (!payload.ok) attributes.problems.push(payload.reason);
  if (attributes.problems.length > 0 || !payload.ok || !id || !source || !type || !subject) {
    return { ok: false, reason: attributes.problems.slice(0, 8).join('; ') };
  }
  const draft: EventDraft = {
    source,
    id,
    type,
    subject,
    provenance,
    ...(time === undefined ? {} : { time }),
    ...(severity === undefined ? {} : { severity }),
    ...(runid === undefined ? {} : { runid }),
    ...(dataschema === undefined ? {} : { dataschema }),
    ...(Object.keys(extensions).length === 0 ? {} : { extensions }),
    ...(payload.data === undefined ? {} : { data: payload.data }),
  };
  const flaw = flawOf(draft);
  return flaw === null ? { ok: true, draft } : { ok: false, reason: flaw };
}
