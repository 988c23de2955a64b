import type { Adapter, Translation } from '../adapter.ts';
import { draftOf } from './alert.ts';
import { openMessage } from './message.ts';
import { truncationOf } from './truncation.ts';

/**
 * Alerts of Prometheus' Alertmanager, as it posts them to a webhook (https://prometheus.io/docs/alerting/latest/configuration/#webhook_config).
 * Each alert is a subject of its own, `alert/<alertname>/<fingerprint>`, and never the job that its label `job` names: that is what was scraped, not who
 * owes a report. Everything is observed, by Prometheus and Alertmanager.
 *
 * - firing: `run.failed`, at `startsAt`; the same however often the group is sent again, in whichever order or company.
 * - resolved: `report.recovered`, at `endsAt`. Not a success: an alert also counts as resolved when Prometheus just stopped sending it.
 * - `truncatedAlerts`: `source.failing` of `source/alertmanager/<receiver>`.
 */
export const adapter: Adapter = {
  name: 'alertmanager',
  summary: 'alerts that Alertmanager posts to a webhook (version "4"), firing and resolved',
  translate(input: Uint8Array): Translation {
    const translation: Translation = { events: [], rejected: [] };
    const opened = openMessage(input);
    if (!opened.ok) {
      translation.rejected.push({ where: 'input', reason: opened.reason });
      return translation;
    }
    for (const [index, alert] of opened.alerts.entries()) {
      const drafted = draftOf(alert);
      if (drafted.ok) translation.events.push(drafted.draft);
      else translation.rejected.push({ where: `alerts[${index}]`, reason: drafted.reason });
    }
    const truncation = truncationOf(opened.message, opened.alerts);
    if (truncation.kind === 'draft') translation.events.push(truncation.draft);
    if (truncation.kind === 'rejected') translation.rejected.push({ where: 'truncatedAlerts', reason: truncation.reason });
    return translation;
  },
};
