import { isObject, type JsonObject, quoted } from '../foreign.ts';
import { nameOf, type Read, unreadable } from '../values.ts';
import { webAddressOf } from '../web-address.ts';
import { GH, type Spelling } from './runs.ts';

/** Which workflow of which repository a run belongs to, as names one inside the other. */
export interface Whose {
  /** Host, owner, repository, workflow (one or more names). */
  names: string[];
  /** What a person calls the workflow. */
  workflow: string;
  /** Address of the run itself, without the number of an attempt. */
  url: string;
}

const FILE = /^\.github\/workflows\/([^/]+?\.ya?ml)(?:@.+)?$/;
const NAME_MAX = 300;

/**
 * Host, owner and repository are read from the address of the run, which has to name that very run. The workflow is its file, because
 * what the API calls `name` may be a title that each run is given anew (`run-name`, see github.com/actions/runner/issues/4141).
 * `gh` prints no file, so that there it is the name that `gh` itself has looked up.
 */
export function whoseIs(run: JsonObject, spelling: Spelling, id: number, attempt: number): Read<Whose> {
  const address = webAddressOf(run[spelling.url], spelling.url);
  if (!address.ok) return address;
  const { host, segments, text } = address.value;
  const [owner = '', repository = '', actions, runs, number, attempts, which, ...rest] = segments;
  const isRun = actions === 'actions' && runs === 'runs' && number === String(id) && rest.length === 0;
  const isAttempt = attempts === undefined || (attempts === 'attempts' && which === String(attempt));
  if (!isRun || !isAttempt) return unreadable(`${spelling.url} must be the address of run ${id}, attempt ${attempt}, found ${quoted(text)}`);
  const named = isObject(run['repository']) ? run['repository']['full_name'] : undefined;
  if (typeof named === 'string' && named.toLowerCase() !== `${owner}/${repository}`.toLowerCase()) {
    return unreadable(`${spelling.url} and repository.full_name name different repositories: ${quoted(text)}, ${quoted(named)}`);
  }
  const workflow = spelling === GH ? nameOf(run['workflowName'], NAME_MAX, 'workflowName') : nameOf(run['path'], NAME_MAX, 'path');
  if (!workflow.ok) return workflow;
  const url = text.replace(/\/attempts\/[^/]+$/, '');
  const names = [host, owner, repository];
  const file = spelling === GH ? undefined : FILE.exec(workflow.value)?.[1];
  // Beside its file there are workflows of GitHub's own and of other repositories: their whole path is one name.
  if (file === undefined) return { ok: true, value: { names: [...names, workflow.value], workflow: workflow.value, url } };
  return { ok: true, value: { names: [...names, 'workflows', file], workflow: file, url } };
}
