import { type CompiledGate, compileAction, compileNotices } from '../../model/cel-gates.ts';
import type { Declarations } from '../declarations.ts';
import type { Declared, Path } from '../document.ts';
import type { Problem } from '../problem.ts';

/** Gates whose conditions do not compile or are no conditions, and ids that stand twice in a pack. */
export function checkGates(declarations: Declarations): Problem[] {
  return declarations.all('PolicyPack').flatMap((pack) => {
    const gates = pack.value.spec.gates ?? [];
    return gates.flatMap(({ id, action, requires }, index) => {
      const path: Path = ['spec', 'gates', index];
      const isTwice = gates.findIndex((other) => other.id === id) < index;
      return [
        ...(isTwice ? [pack.at([...path, 'id'], { code: 'duplicate_rule', message: `the gate "${id}" stands twice in this pack` })] : []),
        ...checkCondition(pack, [...path, 'action'], compileAction(action), 'action, subject, tool and input'),
        ...(requires.notices === undefined
          ? []
          : checkCondition(
              pack,
              [...path, 'requires', 'notices'],
              compileNotices(requires.notices),
              'severity, subject, eventType, rule, target and actor',
            )),
      ];
    });
  });
}

function checkCondition(pack: Declared<'PolicyPack'>, path: Path, compiled: CompiledGate<never>, variables: string): Problem[] {
  if (!compiled.ok) {
    const { message, offset, suggestion } = compiled;
    const parts = { code: 'bad_expression' as const, message, expected: `a CEL expression over ${variables}` };
    return [pack.inText(path, offset, { ...parts, ...(suggestion === undefined ? {} : { suggestion }) })];
  }
  if (compiled.type === 'bool' || compiled.type === 'dyn') return [];
  return [pack.at(path, { code: 'wrong_expression_type', message: `the condition is of type ${compiled.type}`, expected: 'true or false (bool)' })];
}
