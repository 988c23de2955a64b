import type { Adapter, Translation } from '../adapter.ts';
import { draftOf } from './draft.ts';
import { runsIn } from './runs.ts';

/**
 * Workflow runs of GitHub Actions. Poll as often as you like: a state of an attempt that was seen before yields the same event again,
 * under the id `<run>/<attempt>:<conclusion>` of the source `github-actions/<api or gh>/<host>`. Everything is `observed`: GitHub says it. Titles of runs are left out, because whoever
 * makes a commit or a pull request writes them, and they change.
 *
 * The subject is `ci/<host>/<owner>/<repository>/workflows/<file>/<trigger>/<branch>` in what the REST API and webhooks say, and has
 * the name of the workflow in place of `workflows/<file>` in what `gh` prints, which knows no file; so feed one of the two. (`gh` looks
 * up the name of today, so that a workflow that is renamed takes its old runs along.) Trigger and branch belong to the subject, as a
 * run for somebody's pull request must not answer for the one of the night.
 * After https://docs.github.com/en/rest/actions/workflow-runs, the workflow_run webhook, and `pkg/cmd/run/shared` of github.com/cli/cli.
 */
export const adapter: Adapter = {
  name: 'github-actions',
  summary: 'workflow runs of GitHub Actions: `gh run list --json ...`, the REST API, or a workflow_run webhook',
  translate(input: Uint8Array): Translation {
    const translation: Translation = { events: [], rejected: [] };
    const runs = runsIn(input);
    if (!runs.ok) {
      translation.rejected.push({ where: 'input', reason: runs.reason });
      return translation;
    }
    for (const run of runs.value) {
      const drafted = draftOf(run);
      if (!drafted.ok) translation.rejected.push({ where: run.where, reason: drafted.reason });
      else if (drafted.value !== null) translation.events.push(drafted.value);
    }
    return translation;
  },
};
