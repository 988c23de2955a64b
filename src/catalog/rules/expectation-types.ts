import { didYouMean } from '../../model/text.ts';
import type { Declarations } from '../declarations.ts';
import type { Path } from '../document.ts';
import { type DeclaredExpectation, type Expecting, expectationsIn, isExpecting } from '../expectations.ts';
import { isOwnType, typesExpectedBy } from '../known-types.ts';
import type { Problem } from '../problem.ts';

/** Expectations that can never be met, or never begin: they name event types that do not exist, or that nobody can report. */
export function checkExpectationTypes(declarations: Declarations): Problem[] {
  return declarations.documents.filter(isExpecting).flatMap((document) => {
    const known = typesExpectedBy(document, declarations);
    return expectationsIn(document).flatMap((expectation) => namedTypes(expectation).flatMap(({ type, path }) => check(document, path, type, known)));
  });
}

function namedTypes({ path, spec }: DeclaredExpectation): { type: string; path: Path }[] {
  const expected = (spec.expect ?? []).map((type, index) => ({ type, path: [...path, 'expect', index] }));
  return spec.after === undefined ? expected : [{ type: spec.after, path: [...path, 'after'] }, ...expected];
}

function check(document: Expecting, path: Path, type: string, known: readonly string[]): Problem[] {
  if (isOwnType(type)) {
    return [
      document.at(path, {
        code: 'never_met',
        message: `nobody can report "${type.slice(0, 80)}": the watchdog alone writes such events`,
        expected: 'an event type that somebody reports, such as run.succeeded',
      }),
    ];
  }
  if (known.includes(type)) return [];
  const suggestion = didYouMean(
    type,
    known.filter((one) => !isOwnType(one)),
  );
  const declaring = document.kind === 'PolicyPack' ? 'spec.eventTypes of this pack declares' : 'a pack in force declares';
  return [
    document.at(path, {
      code: 'unknown_word',
      message: `no event has the type "${type.slice(0, 80)}"`,
      expected: `a built-in event type, or one that ${declaring}`,
      ...(suggestion === null ? {} : { suggestion }),
    }),
  ];
}
