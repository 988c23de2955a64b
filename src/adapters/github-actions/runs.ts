import { parseStrict } from '../../model/json.ts';
import { isObject, type JsonObject, quoted } from '../foreign.ts';
import { keysOf, type Read, unreadable } from '../values.ts';

/** How the fields of a run are called in one of the two spellings. */
export interface Spelling {
  /** Who says so, before the host. */
  source: string;
  id: string;
  attempt: string;
  number: string;
  event: string;
  branch: string;
  status: string;
  conclusion: string;
  startedAt: string;
  updatedAt: string;
  url: string;
}

/** The REST API, and the webhook, which sends the same object. */
const API: Spelling = {
  source: 'github-actions/api',
  id: 'id',
  attempt: 'run_attempt',
  number: 'run_number',
  event: 'event',
  branch: 'head_branch',
  status: 'status',
  conclusion: 'conclusion',
  startedAt: 'run_started_at',
  updatedAt: 'updated_at',
  url: 'html_url',
};

/** The names that `gh` gives them (`RunFields` in its source). */
export const GH: Spelling = {
  source: 'github-actions/gh',
  id: 'databaseId',
  attempt: 'attempt',
  number: 'number',
  event: 'event',
  branch: 'headBranch',
  status: 'status',
  conclusion: 'conclusion',
  startedAt: 'startedAt',
  updatedAt: 'updatedAt',
  url: 'url',
};

/** One run in the input: where it stands, and in which spelling. */
export interface FoundRun {
  where: string;
  object: unknown;
  spelling: Spelling;
}

/** With other fields than these a run would not say the same each time. */
const GH_COMMAND = `gh run list --json ${[...Object.entries(GH).flatMap(([what, field]) => (what === 'source' ? [] : [field])), 'workflowName'].join(',')}`;

/**
 * The runs in the input: a list from `gh run list --json ...`; `{"total_count": ..., "workflow_runs": [...]}` of the REST API, or a
 * list of such pages (`gh api --paginate --slurp`); the payload of a `workflow_run` webhook; or one run by itself in either spelling.
 */
export function runsIn(input: Uint8Array): Read<FoundRun[]> {
  const parsed = parseStrict(input);
  if (!parsed.ok) return unreadable(parsed.detail);
  const body = parsed.value;
  if (Array.isArray(body)) return { ok: true, value: body.flatMap((one, at) => (isPage(one) ? runsOf(one, `[${at}].`) : [found(`[${at}]`, one)])) };
  if (isObject(body)) {
    if (isPage(body)) return { ok: true, value: runsOf(body, '') };
    if (isObject(body['workflow_run'])) return { ok: true, value: [found('workflow_run', body['workflow_run'])] };
    if (GH.id in body || API.attempt in body) return { ok: true, value: [found('input', body)] };
    if (typeof body['message'] === 'string') return unreadable(`GitHub answered with an error: ${quoted(body['message'])}`);
  }
  return unreadable(
    `expected runs as \`${GH_COMMAND}\`, the REST API or a workflow_run webhook give them; found ${isObject(body) ? keysOf(body) : quoted(body)}`,
  );
}

type Page = JsonObject & { workflow_runs: unknown[] };

const isPage = (value: unknown): value is Page => isObject(value) && Array.isArray(value['workflow_runs']);

const runsOf = (page: Page, before: string): FoundRun[] => page.workflow_runs.map((run, at) => found(`${before}workflow_runs[${at}]`, run));

const found = (where: string, object: unknown): FoundRun => ({
  where,
  object,
  spelling: isObject(object) && GH.id in object ? GH : API,
});

/** What to do about a field that somebody did not ask `gh` for. */
export const hintFor = (spelling: Spelling): string => (spelling === GH ? `; ask for it: ${GH_COMMAND}` : '');
