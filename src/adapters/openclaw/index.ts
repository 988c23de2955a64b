import type { Adapter, Translation } from '../adapter.ts';
import { draftsOf } from './draft.ts';
import { openEnvelope } from './envelope.ts';

/**
 * The task ledger of OpenClaw, which it prints even while its gateway is down. Poll it as often as you like: a state of a
 * task that was seen before yields the same event again, under the same id `<task>:<status>:<completion status>`. While the gateway is down, what
 * is still called running is `run.lost`.
 * Measured against OpenClaw 2026.9.6.
 */
export const adapter: Adapter = {
  name: 'openclaw',
  summary: 'tasks and cron runs of OpenClaw, as printed by `openclaw tasks list --json`',
  translate(input: Uint8Array, circumstances?: { runtimeIsDown: boolean }): Translation {
    const translation: Translation = { events: [], rejected: [] };
    const envelope = openEnvelope(input);
    if (!envelope.ok) {
      translation.rejected.push({ where: 'input', reason: envelope.reason });
      return translation;
    }
    for (const [index, task] of envelope.tasks.entries()) {
      for (const drafted of draftsOf(task, circumstances?.runtimeIsDown ?? false)) {
        if (drafted.kind === 'draft') translation.events.push(drafted.draft);
        else translation.rejected.push({ where: `tasks[${index}]`, reason: drafted.reason });
      }
    }
    return translation;
  },
};
