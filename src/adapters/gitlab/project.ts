import { isObject, type JsonObject, quoted } from '../foreign.ts';
import { type Read, unreadable } from '../values.ts';
import { type WebAddress, webAddressOf } from '../web-address.ts';

/** A project, as names one inside the other: host, groups, project. */
export interface Project {
  names: string[];
  /** Its address. */
  url: string;
}

/** A project lies in at least one group or user, and an own server may stand below a path; more would be no project. */
const SEGMENTS_MAX = 25;

/** The project that a webhook is about: its address, and the path that stands beside it must be the end of that. */
export function projectOfWebhook(payload: JsonObject): Read<Project> {
  const project = isObject(payload['project']) ? payload['project'] : {};
  const repository = isObject(payload['repository']) ? payload['repository'] : {};
  // Job webhooks of older versions have no project; the homepage of the repository is the same address.
  const [url, what] = project['web_url'] === undefined ? [repository['homepage'], 'repository.homepage'] : [project['web_url'], 'project.web_url'];
  const address = webAddressOf(url, what);
  if (!address.ok) return address;
  const path = project['path_with_namespace'];
  if (path !== undefined && !`/${address.value.segments.join('/')}`.endsWith(`/${path}`)) {
    return unreadable(`${what} and project.path_with_namespace name different projects: ${quoted(url)}, ${quoted(path)}`);
  }
  return projectAt(address.value, address.value.segments, what);
}

/** The project of which `web_url` names a pipeline or a job: `.../<project>/-/pipelines/<id>`, without the dash in older versions. */
export function projectOfApi(object: JsonObject, folder: 'pipelines' | 'jobs', id: number): Read<Project> {
  const address = webAddressOf(object['web_url'], 'web_url');
  if (!address.ok) return address;
  const segments = [...address.value.segments];
  if (segments.pop() !== String(id) || segments.pop() !== folder) {
    return unreadable(`web_url must be the address of number ${id} below ${folder}, found ${quoted(object['web_url'])}`);
  }
  if (segments.at(-1) === '-') segments.pop();
  return projectAt(address.value, segments, 'web_url');
}

function projectAt({ host, text }: WebAddress, segments: readonly string[], what: string): Read<Project> {
  if (segments.length < 2 || segments.length > SEGMENTS_MAX || segments.includes('-')) return unreadable(`${what} names no project: ${quoted(text)}`);
  const origin = text.slice(0, text.indexOf('/', 'https://'.length));
  return { ok: true, value: { names: [host, ...segments], url: [origin, ...segments].join('/') } };
}
