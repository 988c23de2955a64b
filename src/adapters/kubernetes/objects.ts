import type { EventDraft } from '../../model/event.ts';
import { parseStrict } from '../../model/json.ts';
import { isObject, type JsonObject, quoted } from '../foreign.ts';
import { keysOf, nameOf, type Read, unreadable } from '../values.ts';

/** One thing in the input, and where it stands. */
export interface Item {
  where: string;
  object: unknown;
}

/** Who an object is: names for people, the uid for everything else. */
export interface Identity {
  namespace: string;
  name: string;
  /** Given by the cluster, never given again (a UUID). */
  uid: string;
}

/** What came of one object: its events, and what of it could not be read. */
export interface Told {
  drafts: EventDraft[];
  reasons: string[];
}

/** Who says so, of every event from here. */
export const SOURCE = 'kubernetes/batch';

/** The only version of the group that is read; it has been there since Kubernetes 1.21. */
export const API_VERSION = 'batch/v1';

const NAME_MAX = 253;
const UID = /^[0-9A-Za-z-]{1,64}$/;
/** Lists of the API itself name the kind once; in them its items go without. */
const KIND_OF_LIST: Record<string, string> = { JobList: 'Job', CronJobList: 'CronJob' };

/**
 * The objects in what kubectl printed: `{"kind": "List", "items": [...]}` where several were asked for, the object itself for one. The
 * API's own `JobList` and `CronJobList` are read as well. An error of the API is an object of kind `Status`.
 */
export function itemsIn(input: Uint8Array): Read<Item[]> {
  const parsed = parseStrict(input);
  if (!parsed.ok) return unreadable(parsed.detail);
  const body = parsed.value;
  if (!isObject(body)) return unreadable(`expected what \`kubectl get jobs,cronjobs -o json\` prints, an object; found ${quoted(body)}`);
  const kind = body['kind'];
  if (kind === 'Status') return unreadable(`Kubernetes answered with an error: ${quoted(body['reason'])}, ${quoted(body['message'])}`);
  if (kind !== 'List' && !(typeof kind === 'string' && Object.hasOwn(KIND_OF_LIST, kind))) {
    if (typeof kind === 'string' && 'metadata' in body) return { ok: true, value: [{ where: 'input', object: body }] };
    return unreadable(`expected what \`kubectl get jobs,cronjobs -o json\` prints; found ${keysOf(body)}`);
  }
  const items = body['items'];
  if (!Array.isArray(items)) return unreadable(`items must be a list, found ${quoted(items)}`);
  const named = KIND_OF_LIST[kind];
  const objects = items.map((item, at) => ({
    where: `items[${at}]`,
    object: named !== undefined && isObject(item) ? { kind: named, apiVersion: body['apiVersion'], ...item } : item,
  }));
  return { ok: true, value: objects };
}

export function identityOf(object: JsonObject): Read<Identity> {
  const metadata = object['metadata'];
  if (!isObject(metadata)) return unreadable(`metadata must be an object, found ${quoted(metadata)}`);
  const name = nameOf(metadata['name'], NAME_MAX, 'metadata.name');
  if (!name.ok) return name;
  const namespace = nameOf(metadata['namespace'], NAME_MAX, 'metadata.namespace');
  if (!namespace.ok) return namespace;
  const uid = metadata['uid'];
  if (typeof uid !== 'string' || !UID.test(uid)) return unreadable(`metadata.uid must be the uid that the cluster gave, found ${quoted(uid)}`);
  return { ok: true, value: { namespace: namespace.value, name: name.value, uid } };
}

/** The CronJob that an object belongs to, by its owner references; null if it belongs to none. */
export function cronJobOf(object: JsonObject): Read<Pick<Identity, 'name' | 'uid'> | null> {
  const references = (isObject(object['metadata']) ? object['metadata']['ownerReferences'] : undefined) ?? [];
  if (!Array.isArray(references)) return unreadable(`metadata.ownerReferences must be a list, found ${quoted(references)}`);
  const cronJobs = references.filter((one) => isObject(one) && one['kind'] === 'CronJob' && String(one['apiVersion']).startsWith('batch/'));
  if (cronJobs.length === 0) return { ok: true, value: null };
  if (cronJobs.length > 1) return unreadable('it belongs to several CronJobs, and can report for one only');
  const [owner] = cronJobs as [JsonObject];
  const name = nameOf(owner['name'], NAME_MAX, 'name of the owner');
  if (!name.ok) return name;
  const uid = owner['uid'];
  if (typeof uid !== 'string' || !UID.test(uid)) return unreadable(`uid of the owner must be the uid that the cluster gave, found ${quoted(uid)}`);
  return { ok: true, value: { name: name.value, uid } };
}
