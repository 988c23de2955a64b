import { didYouMean } from '../model/text.ts';
import type { Declarations } from './declarations.ts';
import type { Declared } from './document.ts';
import type { Problem } from './problem.ts';

const DEFAULT_NAME = 'default';

/** The runtime binding to work with: the one that is named, else the only one, else the one called `default`. */
export function chooseBinding(name: string | undefined, declarations: Declarations): Declared<'RuntimeBinding'> | Problem | null {
  const names = declarations.names('RuntimeBinding').sort();
  const chosen = name ?? (names.length === 1 ? names[0] : names.includes(DEFAULT_NAME) ? DEFAULT_NAME : undefined);
  if (chosen !== undefined && names.includes(chosen)) return declarations.find('RuntimeBinding', chosen);
  const place = { file: 'bindings', line: 0, column: 0, sourceLine: '' };
  if (names.length === 0) {
    return {
      ...place,
      code: 'no_binding',
      message: 'the workspace declares no RuntimeBinding',
      expected: 'a document of kind RuntimeBinding in bindings/',
    };
  }
  const expected = `one of ${names.join(', ')}`;
  if (name === undefined)
    return { ...place, code: 'binding_not_chosen', message: `the workspace declares ${names.length} RuntimeBindings and none is chosen`, expected };
  const suggestion = didYouMean(name, names);
  return {
    ...place,
    code: 'binding_not_found',
    message: `there is no RuntimeBinding "${name}"`,
    expected,
    ...(suggestion === null ? {} : { suggestion }),
  };
}
