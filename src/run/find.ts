import { STAGES, type Stage } from '../model/artifacts.ts';
import { RgovError } from '../model/errors.ts';
import { parseFile } from '../model/names.ts';
import { oneLine, truncate } from '../model/text.ts';
import type { Layout } from '../store/layout.ts';
import { listDays, listFolder } from '../store/survey.ts';

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
  const needle = (part.split('/').pop() ?? '').replace(/\.json$/, '');
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

const KIND: Record<Stage, Found['kind']> = { events: 'event', decisions: 'event', queue: 'notice', handoffs: 'notice', receipts: 'notice' };

function* matching(layout: Layout, needle: string): Generator<Found> {
  for (const day of listDays(layout)) {
    for (const stage of STAGES) {
      for (const file of listFolder(layout.day(stage, day))) {
        if (!file.includes(needle)) continue;
        const parsed = parseFile(stage, day, file);
        // Numbers and statuses behind the name are no part of it: "acked" or "1" stands for nothing in particular.
        if (parsed && file.indexOf(needle) < parsed.name.length) yield { kind: KIND[stage], name: parsed.name };
      }
    }
  }
}
