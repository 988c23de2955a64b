import type { Event } from '../model/artifacts.ts';
import { EVENT_TYPES } from '../model/event-types.ts';
import { oneLine, printable, truncate } from '../model/text.ts';

const TITLE_MAX = 200;
const TEXT_MAX = 8_000;
const VALUE_MAX = 2_000;

/** What the human reads. Plain text, safe for a terminal, the same for every attempt. */
export function composeMessage(event: Event): { title: string; text: string } {
  const words = EVENT_TYPES[event.type]?.words ?? event.type;
  const summary = typeof event.data?.['summary'] === 'string' ? oneLine(event.data['summary']) : '';
  const title = `[${event.severity}] ${oneLine(event.subject)} ${words}${summary === '' ? '' : `: ${summary}`}`;
  const lines = [
    ...(summary === '' ? [] : [summary, '']),
    `subject:   ${oneLine(event.subject)}`,
    `event:     ${event.type} (${event.provenance})`,
    `happened:  ${event.time}`,
    ...(event.runid === undefined ? [] : [`run:       ${oneLine(event.runid)}`]),
    ...describeData(event.data ?? {}),
    ...original(event.data?.['original']),
  ];
  return { title: truncate(title, TITLE_MAX), text: truncate(lines.join('\n'), TEXT_MAX) };
}

/** Of a notice about a notice: what the first one says, which is what it is all about. */
function original(value: unknown): string[] {
  const { title, text } = (value ?? {}) as { title?: unknown; text?: unknown };
  if (typeof title !== 'string' || typeof text !== 'string') return [];
  return ['', oneLine(title), truncate(printable(text), TEXT_MAX / 2).replace(/^/gm, '  ')];
}

function describeData(data: Record<string, unknown>): string[] {
  return Object.entries(data)
    .filter(([key, value]) => key !== 'summary' && key !== 'original' && value !== null && value !== '')
    .map(([key, value]) => {
      const text = truncate(printable(typeof value === 'string' ? value : JSON.stringify(value)), VALUE_MAX).trimEnd();
      return text.includes('\n') ? `${oneLine(key)}:\n${text.replace(/^/gm, '  ')}` : `${`${oneLine(key)}:`.padEnd(10)} ${text}`;
    });
}
