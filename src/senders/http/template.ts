import type { Json, Scalar } from './recipe.ts';

/** A piece of a template: words as they are, or the name of a placeholder. */
export type Part = { literal: string } | { name: string };

/** What a placeholder stands for; undefined where it has no value in this attempt. Throws for what the request cannot do without. */
export type Values = (name: string) => Scalar | undefined;

/** The member by which a map of a JSON body is left out where a placeholder has no value. */
const CONDITION = '$if';

const NAME = /\{([a-zA-Z][a-zA-Z0-9_.]*)\}/y;

/** A brace that opens no placeholder, where it stands. */
export class LooseBrace extends Error {}

/** `{name}` is a placeholder, `{{` a brace; a closing brace by itself is what it is. Throws {@link LooseBrace}. */
export function parseTemplate(template: string): Part[] {
  const parts: Part[] = [];
  let literal = '';
  for (let at = 0; at < template.length; at++) {
    const char = template[at] as string;
    if (char !== '{') literal += char;
    else if (template[at + 1] === '{') {
      literal += '{';
      at++;
    } else {
      NAME.lastIndex = at;
      const name = NAME.exec(template)?.[1];
      if (name === undefined) throw new LooseBrace(template.slice(at, at + 20));
      if (literal !== '') parts.push({ literal });
      literal = '';
      parts.push({ name });
      at += name.length + 1;
    }
  }
  if (literal !== '') parts.push({ literal });
  return parts;
}

/** A single placeholder keeps the type of its value, and is undefined where it has none; among other words nothing stands in its place. */
export function render(template: string, values: Values): Scalar | undefined {
  const parts = parseTemplate(template);
  const [first] = parts;
  if (parts.length === 1 && first !== undefined && 'name' in first) return values(first.name);
  return parts.map((part) => ('literal' in part ? part.literal : String(values(part.name) ?? ''))).join('');
}

/** Text in which every placeholder has a value; undefined otherwise. `written`: how a value is spelled there. */
export function renderWhole(
  template: string,
  values: Values,
  written: (value: string, index: number) => string = (value) => value,
): string | undefined {
  const pieces: string[] = [];
  for (const [index, part] of parseTemplate(template).entries()) {
    if ('literal' in part) {
      pieces.push(part.literal);
      continue;
    }
    const value = values(part.name);
    if (value === undefined) return undefined;
    pieces.push(written(String(value), index));
  }
  return pieces.join('');
}

/** A JSON body: every string in it rendered, members and entries without a value left out. */
export function renderJson(template: Json, values: Values): Json | undefined {
  if (typeof template === 'string') return render(template, values);
  if (Array.isArray(template)) return template.map((entry) => renderJson(entry, values)).filter((entry) => entry !== undefined);
  if (typeof template !== 'object' || template === null) return template;
  const { [CONDITION]: condition, ...members } = template;
  if (typeof condition === 'string' && isNothing(render(condition, values))) return undefined;
  const rendered = Object.entries(members).map(([key, value]) => [key, renderJson(value, values)] as const);
  return Object.fromEntries(rendered.filter((member): member is readonly [string, Json] => member[1] !== undefined));
}

const isNothing = (value: Scalar | undefined): boolean => value === undefined || value === '' || value === false;
