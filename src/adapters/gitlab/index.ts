import type { Adapter, Translation } from '../adapter.ts';
import { flawOf } from '../foreign.ts';
import { documentsIn } from './found.ts';
import { draftOfJob } from './job.ts';
import { draftOfPipeline } from './pipeline.ts';

/**
 * Pipelines and jobs of GitLab. Poll as often as you like, and let webhooks be sent again: a state that was seen before yields the same
 * event, under the id `job:<id>:<status>` or `pipeline:<id>:<status>:<end>`. Webhooks (`gitlab/webhook/<host>`) and the
 * REST API (`gitlab/api/<host>`) know the end of a pipeline differently, and are sources of their own; feed one of the two. Everything is `observed`:
 * GitLab says it. Variables, commit messages, users and logs are left out.
 *
 * The subject is `ci/<host>/<groups and project>/pipelines/<source>/<ref>` or `.../jobs/<name>/<ref>`. What started a pipeline and the
 * ref belong to it, as a branch of somebody must not answer for the schedule of the night.
 * After docs.gitlab.com: Webhook events, Pipelines API, Jobs API; and `lib/gitlab/data_builder` of GitLab's source.
 */
export const adapter: Adapter = {
  name: 'gitlab',
  summary: 'pipelines and jobs of GitLab: their webhooks, or the lists of the REST API',
  translate(input: Uint8Array): Translation {
    const translation: Translation = { events: [], rejected: [] };
    for (const document of documentsIn(input)) {
      const { where } = document;
      const drafted = !document.ok ? document : document.value.kind === 'pipeline' ? draftOfPipeline(document.value) : draftOfJob(document.value);
      const draft = drafted.ok ? drafted.value : null;
      const flaw = draft === null ? null : flawOf(draft);
      if (!drafted.ok) translation.rejected.push({ where, reason: drafted.reason });
      else if (flaw !== null) translation.rejected.push({ where, reason: flaw });
      else if (draft !== null) translation.events.push(draft);
    }
    return translation;
  },
};
