import { type Ceiling, reaches } from '../../model/evidence.ts';
import { boundSender, instancePath } from '../bound-sender.ts';
import type { Declarations } from '../declarations.ts';
import type { Declared, Path } from '../document.ts';
import type { Problem } from '../problem.ts';
import type { SenderKindInfo } from '../sender-kinds.ts';

/** Bindings that promise what their kind of sender cannot keep: too much proof, or receivers that ignore a repeated key. */
export function checkPromises(declarations: Declarations): Problem[] {
  const senders = declarations.all('SenderBinding').flatMap((sender) => {
    const { kind, ceiling, idempotent } = sender.value.spec;
    const info = Object.hasOwn(declarations.kinds, kind) ? declarations.kinds[kind] : undefined;
    return info ? check(sender, ['spec'], { ceiling, idempotent }, info) : [];
  });
  const instances = declarations.all('RuntimeBinding').flatMap((binding) =>
    Object.entries(binding.value.spec.senders ?? {}).flatMap(([name, { ceiling, idempotent }]) => {
      const info = boundSender(name, binding, declarations)?.kind;
      return info ? check(binding, instancePath(name), { ceiling, idempotent }, info) : [];
    }),
  );
  return [...senders, ...instances];
}

interface Promises {
  ceiling: Ceiling | undefined;
  idempotent: boolean | undefined;
}

function check(document: Declared, path: Path, { ceiling, idempotent }: Promises, info: SenderKindInfo): Problem[] {
  const problems: Problem[] = [];
  if (ceiling !== undefined && !reaches(info.maxCeiling, ceiling)) {
    problems.push(
      document.at([...path, 'ceiling'], {
        code: 'ceiling_not_provable',
        message: `no sender of the kind "${info.kind}" can prove "${ceiling}"`,
        expected: info.maxCeiling === 'none' ? 'none' : `${info.maxCeiling} or less`,
      }),
    );
  }
  if (idempotent === true && !info.canBeIdempotent) {
    problems.push(
      document.at([...path, 'idempotent'], {
        code: 'cannot_be_idempotent',
        message: `no receiver of the kind "${info.kind}" ignores a repeated key`,
        expected: 'false',
      }),
    );
  }
  return problems;
}
