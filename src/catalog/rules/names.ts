import type { Declarations } from '../declarations.ts';
import type { Declared } from '../document.ts';
import type { Problem } from '../problem.ts';

/** A name that two documents of one kind and layer bear, and a rule id that stands twice in a pack. */
export function checkNames(declarations: Declarations): Problem[] {
  const problems: Problem[] = [];
  const first = new Map<string, Declared>();
  for (const document of declarations.documents) {
    const key = `${document.source.layer}/${document.kind}/${document.name}`;
    const earlier = first.get(key);
    if (earlier) {
      problems.push(
        document.at(['metadata', 'name'], {
          code: 'duplicate_name',
          message: `another ${document.kind} is called "${document.name}", in ${earlier.source.file}`,
          expected: 'each name once',
        }),
      );
    } else first.set(key, document);
  }
  return [...problems, ...declarations.all('PolicyPack').flatMap(checkRuleIds)];
}

function checkRuleIds(pack: Declared<'PolicyPack'>): Problem[] {
  const seen = new Set<string>();
  return pack.value.spec.notify.flatMap(({ id }, index) => {
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    return [
      pack.at(['spec', 'notify', index, 'id'], {
        code: 'duplicate_rule',
        message: `another rule of this pack has the id "${id}"`,
        expected: 'each id once in a pack',
      }),
    ];
  });
}
