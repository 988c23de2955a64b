import { type Declarations, missing } from '../declarations.ts';
import type { Declared } from '../document.ts';
import type { Problem } from '../problem.ts';

/** Fallbacks of targets that nothing answers to, or that lead back to where they start. */
export function checkFallbacks(declarations: Declarations): Problem[] {
  return declarations
    .all('RuntimeBinding')
    .flatMap((binding) =>
      Object.entries(binding.value.spec.targets).flatMap(([target, { fallback = [] }]) =>
        fallback.flatMap((name, index) => check(binding, target, name, index)),
      ),
    );
}

function check(binding: Declared<'RuntimeBinding'>, target: string, fallback: string, index: number): Problem[] {
  const path = ['spec', 'targets', target, 'fallback', index];
  const { targets } = binding.value.spec;
  const others = Object.keys(targets).filter((name) => name !== target);
  if (!Object.hasOwn(targets, fallback)) return [missing(binding, path, 'target', fallback, others)];
  if (fallback === target) {
    return [
      binding.at(path, {
        code: 'fallback_to_itself',
        message: `${target} is its own fallback`,
        expected: others.length === 0 ? 'another target' : `another target: ${others.sort().join(', ')}`,
      }),
    ];
  }
  const { sender, address } = targets[target] as { sender: string; address?: string };
  const next = targets[fallback] as { sender: string; address?: string };
  if (next.sender !== sender || next.address !== address) return [];
  return [
    binding.at(path, {
      code: 'fallback_to_itself',
      message: `${fallback} is reached through the same sender at the same address as ${target}: where one fails, the other does`,
      expected: 'a target with another sender or address',
    }),
  ];
}
