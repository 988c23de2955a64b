import type { Severity } from '../../model/artifacts.ts';
import type { EventDraft } from '../../model/event.ts';
import { oneLine, truncate } from '../../model/text.ts';
import { formatTime, parseTime } from '../../model/time.ts';
import { fitted } from '../fitted.ts';
import { flawOf, isObject, lineOf, quoted } from '../foreign.ts';

export type Drafted = { ok: true; draft: EventDraft } | { ok: false; reason: string };

const FINGERPRINT = /^[0-9a-f]{16}$/;
const SUMMARY_MAX = 400;
const NAME_MAX = 200;
const VALUE_MAX = 500;
/** Values of the label `severity` that mean the same here; all others (page, none, P1) are the operator's own words. */
const SEVERITIES: readonly string[] = ['info', 'warning', 'error', 'critical'];

/**
 * One alert as one event. Its fingerprint is that of its labels, so that labels never change for an id. Annotations do, as they may hold the
 * measured value: they stay out, and so do receiver, group key and both URLs, in which two routes or two replicas differ that mean one alert.
 */
export function draftOf(alert: unknown): Drafted {
  if (!isObject(alert)) return rejected(`expected an alert, found ${quoted(alert)}`);
  const { fingerprint, status, labels, startsAt, endsAt } = alert;
  if (typeof fingerprint !== 'string' || !FINGERPRINT.test(fingerprint)) {
    return rejected(`fingerprint must be 16 hexadecimal digits (Alertmanager sends it since 0.19), found ${quoted(fingerprint)}`);
  }
  const problem = (reason: string): Drafted => rejected(`alert ${fingerprint}: ${reason}`);
  if (!isObject(labels) || !Object.values(labels).every((value) => typeof value === 'string')) return problem('labels must be an object of texts');
  if (status !== 'firing' && status !== 'resolved') return problem(`unknown status ${quoted(status)}; known are firing, resolved`);
  const starts_ms = timeOf(startsAt);
  if (starts_ms === null) return problem(`startsAt must be the time when it began, found ${quoted(startsAt)}`);
  const ends_ms = status === 'resolved' ? timeOf(endsAt) : starts_ms;
  if (ends_ms === null) return problem(`endsAt of a resolved alert must be the time when it ended, found ${quoted(endsAt)}`);
  const words = labels as Record<string, string>;
  const episode = `${fingerprint}:${formatTime(starts_ms)}`;
  const severity = status === 'firing' ? severityOf(words) : undefined;
  const draft: EventDraft = {
    source: 'alertmanager/webhook',
    id: status === 'firing' ? `${episode}:firing` : `${episode}:resolved:${formatTime(ends_ms)}`,
    type: status === 'firing' ? 'run.failed' : 'report.recovered',
    subject: `alert/${fitted(words['alertname'] ?? 'unnamed')}/${fingerprint}`,
    time: formatTime(ends_ms),
    ...(severity === undefined ? {} : { severity }),
    provenance: 'observed',
    data: { summary: summaryOf(status, words), startsAt: formatTime(starts_ms), labels: cleaned(words) },
  };
  const flaw = flawOf(draft);
  return flaw === null ? { ok: true, draft } : problem(flaw);
}

const rejected = (reason: string): Drafted => ({ ok: false, reason });

/** Go's zero time, the year 1, stands for a time that is not set. */
function timeOf(value: unknown): number | null {
  const ms = typeof value === 'string' ? parseTime(value) : null;
  return ms !== null && ms > 0 ? ms : null;
}

function severityOf(labels: Record<string, string>): Severity | undefined {
  const word = labels['severity'];
  return word !== undefined && SEVERITIES.includes(word) ? (word as Severity) : undefined;
}

function summaryOf(status: string, labels: Record<string, string>): string {
  const others = Object.keys(labels)
    .filter((name) => name !== 'alertname')
    .sort()
    .map((name) => `${name}=${labels[name]}`);
  const words = `${labels['alertname'] ?? 'an alert without a name'} is ${status}${others.length === 0 ? '' : `: ${others.join(', ')}`}`;
  return lineOf(words, SUMMARY_MAX) ?? `an alert is ${status}`;
}

function cleaned(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [line(name, NAME_MAX), line(value, VALUE_MAX)]));
}

const line = (text: string, max: number): string => truncate(oneLine(text.slice(0, 4 * max)), max);
