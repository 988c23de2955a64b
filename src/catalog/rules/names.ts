import type { Declarations } from '../declarations.ts';
import type { Declared } from '../document.ts';
import { type Expecting, expectationsIn, isExpecting } from '../expectations.ts';
import { rulesIn } from '../pack-rules.ts';
import type { Problem } from '../problem.ts';

/** A name that two documents of one kind and layer bear, and an id of a rule or an expectation that stands twice in one document. */
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
  return [
    ...problems,
    ...declarations.all('PolicyPack').flatMap(checkRuleIds),
    ...declarations.documents.filter(isExpecting).flatMap(checkExpectationIds),
  ];
}

function checkRuleIds(pack: Declared<'PolicyPack'>): Problem[] {
  return repeated(rulesIn(pack).map(({ id }) => id)).map(({ id, index }) =>
    pack.at(['spec', 'notify', index, 'id'], {
      code: 'duplicate_rule',
      message: `another rule of this pack has the id "${id}"`,
      expected: 'each id once in a pack',
    }),
  );
}

function checkExpectationIds(document: Expecting): Problem[] {
  const what = document.kind === 'PolicyPack' ? 'pack' : 'binding';
  return repeated(expectationsIn(document).map(({ spec }) => spec.id)).map(({ id, index }) =>
    document.at(['spec', 'expect', index, 'id'], {
      code: 'duplicate_expectation',
      message: `another expectation of this ${what} has the id "${id}"`,
      expected: `each id once in a ${what}`,
    }),
  );
}

function repeated(ids: readonly string[]): { id: string; index: number }[] {
  return ids.map((id, index) => ({ id, index })).filter(({ id, index }) => ids.indexOf(id) !== index);
}
