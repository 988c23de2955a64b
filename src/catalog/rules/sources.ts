import { type Declarations, missing } from '../declarations.ts';
import type { Declared, Path } from '../document.ts';
import type { Problem } from '../problem.ts';

const ORIGINS = ['command', 'url', 'folder'] as const;

/** What bindings listen to: an adapter that there is, one origin each, and nothing that means nothing beside it. */
export function checkSources(declarations: Declarations): Problem[] {
  return declarations.all('RuntimeBinding').flatMap((binding) =>
    Object.entries(binding.value.spec.sources ?? {}).flatMap(([name, { adapter }]) => {
      const path: Path = ['spec', 'sources', name];
      const known = declarations.adapters.includes(adapter)
        ? []
        : [missing(binding, [...path, 'adapter'], 'adapter', adapter, declarations.adapters, 'unknown_adapter')];
      return [...known, ...checkOrigin(binding, path), ...checkHeaders(binding, path)];
    }),
  );
}

function checkOrigin(binding: Declared<'RuntimeBinding'>, path: Path): Problem[] {
  const expected = `one of ${ORIGINS.join(', ')}`;
  const [first, second] = ORIGINS.filter((key) => binding.rangeOf([...path, key]) !== null);
  if (first === undefined) return [binding.atKey(path, { code: 'missing_key', message: 'nothing says where this source is read', expected })];
  if (second === undefined) return [];
  return [binding.atKey([...path, second], { code: 'wrong_combination', message: `${first} and ${second} cannot stand side by side`, expected })];
}

function checkHeaders(binding: Declared<'RuntimeBinding'>, path: Path): Problem[] {
  if (binding.rangeOf([...path, 'headers']) === null || binding.rangeOf([...path, 'url']) !== null) return [];
  return [binding.atKey([...path, 'headers'], { code: 'wrong_combination', message: 'headers say nothing without url', expected: 'url beside it' })];
}
