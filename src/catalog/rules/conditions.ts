import { CLOSED_FIELDS, compileCel, EVENT_FIELDS, namedConstants, neverTrue } from '../../model/cel.ts';
import { didYouMean } from '../../model/text.ts';
import type { Declarations } from '../declarations.ts';
import type { Declared, Path } from '../document.ts';
import { typesKnownTo } from '../known-types.ts';
import { rulesIn } from '../pack-rules.ts';
import type { Problem } from '../problem.ts';

/** Conditions that do not compile, are no conditions, name what does not exist, or can never be true; and keys that are none. */
export function checkConditions(declarations: Declarations): Problem[] {
  return declarations.all('PolicyPack').flatMap((pack) => {
    const types = typesKnownTo(pack);
    return rulesIn(pack).flatMap((rule, index) => [
      ...checkCondition(pack, ['spec', 'notify', index, 'when'], rule.when, types),
      ...(rule.dedupe ? checkKey(pack, ['spec', 'notify', index, 'dedupe', 'key'], rule.dedupe.key) : []),
    ]);
  });
}

function checkCondition(pack: Declared<'PolicyPack'>, path: Path, source: string, types: readonly string[]): Problem[] {
  const compiled = compileCel(source);
  if (!compiled.ok) return [badExpression(pack, path, compiled)];
  // Only the event itself can tell what its data hold: `dyn` may be true or false, and is an error of evaluation if it is neither.
  if (compiled.type !== 'bool' && compiled.type !== 'dyn') {
    return [pack.at(path, { code: 'wrong_expression_type', message: `the condition is of type ${compiled.type}`, expected: 'true or false (bool)' })];
  }
  const unknown = namedConstants(compiled.ast).flatMap(({ field, value, offset }) => {
    const known = field === 'type' ? types : (CLOSED_FIELDS[field] ?? []);
    if (known.includes(value)) return [];
    const suggestion = didYouMean(value, known);
    return [
      pack.inText(path, offset, {
        code: 'unknown_word',
        message: `no event has the ${field} "${value.slice(0, 80)}"`,
        expected: field === 'type' ? 'a built-in event type, or one that spec.eventTypes of this pack declares' : `one of ${known.join(', ')}`,
        ...(suggestion === null ? {} : { suggestion }),
      }),
    ];
  });
  if (unknown.length > 0) return unknown;
  if (!neverTrue(compiled.ast, types)) return [];
  return [
    pack.at(path, {
      code: 'never_true',
      message: 'the condition cannot be true of any event',
      expected: 'a condition that some event of a known type, severity and provenance fulfils',
    }),
  ];
}

/** What a key may be: values that read as the same text exactly if they are the same. */
const KEY_TYPES = /^(?:string|int|double|bool|dyn|list|list<.*>|map|map<.*>)$/;

function checkKey(pack: Declared<'PolicyPack'>, path: Path, source: string): Problem[] {
  const compiled = compileCel(source);
  if (!compiled.ok) return [badExpression(pack, path, compiled)];
  if (KEY_TYPES.test(compiled.type)) return [];
  return [
    pack.at(path, { code: 'wrong_expression_type', message: `the key is of type ${compiled.type}`, expected: 'a text, such as event.subject' }),
  ];
}

function badExpression(pack: Declared<'PolicyPack'>, path: Path, error: { message: string; offset: number; suggestion?: string }): Problem {
  return pack.inText(path, error.offset, {
    code: 'bad_expression',
    message: error.message,
    expected: `a CEL expression over event, which has ${EVENT_FIELDS.join(', ')}`,
    ...(error.suggestion === undefined ? {} : { suggestion: error.suggestion }),
  });
}
