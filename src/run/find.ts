import { STAGES } from '../model/artifacts.ts';
import { RgovError } from '../model/errors.ts';
import { dayOf, parseFile, parseName } from '../model/names.ts';
import { oneLine, truncate } from '../model/text.ts';
import { ClosedDays } from '../store/closed-days.ts';
import { listAllDays, listStage } from '../store/history.ts';
import type { Layout } from '../store/layout.ts';
import { readSeal } from '../store/seals.ts';

export interface Found {
  kind: 'event' | 'notice';
  name: string;
}

const MAX_CANDIDATES = 10;
/** Less than this says nothing, even where it happens to be unique: an acknowledgement cannot be taken back. */
const MIN_PART = 4;

/**
 * The event or notice that a path, a name or any unique part of a name stands for. Handoffs and receipts stand for their
 * notice, decisions for their event.
 */
export function findByPart(layout: Layout, part: string, only?: Found['kind']): Found {
  const needle = wholeName((part.split('/').pop() ?? '').replace(/\.json$/, ''));
  const shown = truncate(oneLine(part), 100);
  if (needle.length < MIN_PART)
    throw new RgovError('usage', `${JSON.stringify(shown)} is too short to say what is meant`, {
      expected: `a path, a name, or at least ${MIN_PART} characters of a name`,
    });
  const matches = new Map<string, Found>();
  for (const found of matching(layout, needle)) if (only === undefined || found.kind === only) matches.set(found.name, found);
  const exact = matches.get(needle);
  if (exact) return exact;
  const [first, second] = matches.values();
  if (first === undefined)
    throw new RgovError('not_found', `nothing in ${layout.root} is called ${JSON.stringify(shown)}`, {
      hint: 'rgov status   (or: ls state/events state/queue)',
    });
  if (second === undefined) return first;
  const names = [...matches.keys()].sort();
  const more = names.length > MAX_CANDIDATES ? `\n    ... and ${names.length - MAX_CANDIDATES} more` : '';
  throw new RgovError('usage', `${JSON.stringify(shown)} is part of ${names.length} names`, {
    expected: `a part that only one of these has:\n    ${names.slice(0, MAX_CANDIDATES).join('\n    ')}${more}`,
    hint: 'the 12 characters at the end of a name are enough',
    details: names,
  });
}

/** Handoffs and receipts by the name of their notice. */
function wholeName(stem: string): string {
  const file = `${stem}.json`;
  return (parseFile('handoffs', dayOf(stem), file) ?? parseFile('receipts', dayOf(stem), file))?.name ?? stem;
}

/** Names below these stages say everything: those of the others begin with them. */
const NAMING = ['events', 'queue'] as const;
const KIND = { events: 'event', decisions: 'event', queue: 'notice', handoffs: 'notice', receipts: 'notice' } as const;

function* matching(layout: Layout, needle: string): Generator<Found> {
  const sealed = new ClosedDays(layout).sealedThrough();
  for (const day of daysOf(layout, needle)) {
    if (day <= sealed) {
      // One look at the seal tells whether the day's folders need be listed at all.
      if (readSeal(layout, day)?.includes(needle, 0, 'latin1') === false) continue;
    }
    for (const stage of day <= sealed ? NAMING : STAGES) {
      for (const file of listStage(layout, stage, day)) {
        if (!file.includes(needle)) continue;
        const parsed = parseFile(stage, day, file);
        // Numbers and statuses behind the name are no part of it: "acked" or "1" stands for nothing in particular.
        if (parsed && file.indexOf(needle) < parsed.name.length) yield { kind: KIND[stage], name: parsed.name };
      }
    }
  }
}

/** A whole name says its day. */
function daysOf(layout: Layout, needle: string): string[] {
  const parsed = parseName(needle);
  return parsed ? [parsed.day] : listAllDays(layout);
}
