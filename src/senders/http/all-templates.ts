import type { Json, RecipeRequest } from './recipe.ts';

interface Found {
  /** Inside `request`. */
  path: (string | number)[];
  template: string;
}

/** Every template of a request, with its place. */
export function templatesOf({ url, query, headers, auth, json, form, text }: RecipeRequest): Found[] {
  return Object.entries({ url, query, headers, auth, json, form, text }).flatMap(([key, value]) => search(value as Json | undefined, [key]));
}

function search(value: Json | undefined, path: Found['path']): Found[] {
  if (typeof value === 'string') return [{ path, template: value }];
  if (Array.isArray(value)) return value.flatMap((entry, index) => search(entry, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => search(inner, [...path, key]));
}
