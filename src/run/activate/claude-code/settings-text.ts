import { isMap, isPair, isSeq, type Pair, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import { RgovError } from '../../../model/errors.ts';

/** A group of handlers under one event, as it stands in the settings. */
export interface PlacedGroup {
  event: string;
  group: unknown;
}

/** All groups under `hooks`, in their order. Throws `state_io` where the text is not what settings look like. */
export function groupsIn(text: string, name: string): PlacedGroup[] {
  return placesIn(text, name).map(({ event, group }) => ({ event, group }));
}

/**
 * The same text with one more group, the last one of its event. What is there keeps its bytes, its order and its indentation; taken out again
 * by {@link withoutGroups}, nothing is left of it.
 */
export function withGroup(text: string, { event, group }: PlacedGroup, name: string): string {
  if (text.trim() === '') return `${pretty({ hooks: { [event]: [group] } }, 0, { unit: '  ', newline: '\n' })}\n`;
  const root = rootOf(text, name);
  const style = styleOf(text);
  const hooks = valueAt(root, 'hooks');
  if (hooks === undefined) return inserted(text, root, property('hooks', { [event]: [group] }, 1, style), 0, style);
  if (!isMap(hooks)) throw unfit(name, 'hooks is no object');
  const groups = valueAt(hooks, event);
  if (groups === undefined) return inserted(text, hooks, property(event, [group], 2, style), 1, style);
  if (!isSeq(groups)) throw unfit(name, `hooks.${event} is no list`);
  return inserted(text, groups, pretty(group, 3, style), 2, style);
}

/** The same text without the groups of which `isOurs` says so; empty if nothing else is left in it. What held nothing else goes with them. */
export function withoutGroups(text: string, isOurs: (placed: PlacedGroup) => boolean, name: string): string {
  for (let rest = text; ; ) {
    const place = placesIn(rest, name).find(isOurs);
    if (place === undefined) return rest;
    rest = cut(rest, place.steps);
    if (rest === '') return '';
  }
}

interface Step {
  items: Span[];
  index: number;
}
type Span = { start: number; end: number };
type Place = PlacedGroup & { steps: Step[] };

/** From the innermost container outwards: in the first one that holds something else, the item goes. */
function cut(text: string, steps: readonly Step[]): string {
  const { items, index } = steps.toReversed().find((step) => step.items.length > 1) ?? { items: [], index: 0 };
  const own = items[index];
  if (own === undefined) return '';
  const before = items[index - 1];
  const from = before === undefined ? own.start : before.end;
  const to = before === undefined ? (items[index + 1] as Span).start : own.end;
  return text.slice(0, from) + text.slice(to);
}

function placesIn(text: string, name: string): Place[] {
  if (text.trim() === '') return [];
  const root = rootOf(text, name);
  const hooks = valueAt(root, 'hooks');
  if (hooks === undefined) return [];
  if (!isMap(hooks)) throw unfit(name, 'hooks is no object');
  const rootStep = { items: spansOf(root), index: root.items.findIndex((pair) => keyOf(pair) === 'hooks') };
  return hooks.items.flatMap((pair, i) => {
    if (!isSeq(pair.value)) return [];
    const event = keyOf(pair);
    const hooksStep = { items: spansOf(hooks), index: i };
    const items = spansOf(pair.value);
    return pair.value.items.map((_, index) => {
      const span = items[index] as Span;
      return { event, group: JSON.parse(text.slice(span.start, span.end)), steps: [rootStep, hooksStep, { items, index }] };
    });
  });
}

/** JSON is checked as such; the reader of YAML, which JSON is a part of, knows where everything stands. */
function rootOf(text: string, name: string): YAMLMap {
  try {
    JSON.parse(text);
  } catch (error) {
    throw unfit(name, `it is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const document = parseDocument(text, { schema: 'json', strict: false, uniqueKeys: true });
  const [flaw] = document.errors;
  if (flaw) throw unfit(name, flaw.message.split('\n', 1)[0] ?? '');
  if (!isMap(document.contents)) throw unfit(name, 'it holds no object');
  return document.contents;
}

const unfit = (name: string, why: string): RgovError =>
  new RgovError('state_io', `${name} cannot be added to: ${why}`, { hint: `edit ${name} by hand first` });

const keyOf = ({ key }: Pair): string => String(isScalarLike(key) ? key.value : key);
const isScalarLike = (key: unknown): key is { value: unknown } => typeof key === 'object' && key !== null && 'value' in key;
const valueAt = (map: YAMLMap, key: string): unknown => map.items.find((pair) => keyOf(pair) === key)?.value;

function spansOf({ items }: YAMLMap | YAMLSeq): Span[] {
  return items.map((item) => {
    const [first, last] = isPair(item) ? [item.key, item.value] : [item, item];
    return { start: rangeOf(first)[0], end: rangeOf(last)[1] };
  });
}

const rangeOf = (node: unknown): [number, number] => (node as { range: [number, number, number] }).range.slice(0, 2) as [number, number];

interface Style {
  unit: string;
  newline: string;
}

/** One level of indentation, and how lines end, as they are there. */
function styleOf(text: string): Style {
  const unit = /\n([ \t]+)"/.exec(text)?.[1] ?? '  ';
  return { unit, newline: text.includes('\r\n') ? '\r\n' : '\n' };
}

/** At the end of a container that begins at `level`. */
function inserted(text: string, container: YAMLMap | YAMLSeq, item: string, level: number, style: Style): string {
  const line = (depth: number): string => style.newline + style.unit.repeat(depth);
  const last = spansOf(container).at(-1);
  if (last !== undefined) return `${text.slice(0, last.end)},${line(level + 1)}${item}${text.slice(last.end)}`;
  const [start, end] = rangeOf(container);
  return text.slice(0, start + 1) + line(level + 1) + item + line(level) + text.slice(end - 1);
}

const property = (key: string, value: unknown, level: number, style: Style): string => `${JSON.stringify(key)}: ${pretty(value, level, style)}`;

function pretty(value: unknown, level: number, { unit, newline }: Style): string {
  return JSON.stringify(value, null, unit).replaceAll('\n', newline + unit.repeat(level));
}
