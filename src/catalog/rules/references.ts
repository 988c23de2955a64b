import { type Declarations, missing } from '../declarations.ts';
import type { Declared } from '../document.ts';
import type { Problem } from '../problem.ts';

/** Names of profiles, packs, sender bindings, senders and sender kinds that nothing answers to. */
export function checkReferences(declarations: Declarations): Problem[] {
  return [
    ...declarations.all('Profile').flatMap((profile) => checkPacks(profile, declarations)),
    ...declarations.all('SenderBinding').flatMap((sender) => checkKind(sender, declarations)),
    ...declarations.all('RuntimeBinding').flatMap((binding) => checkBinding(binding, declarations)),
  ];
}

function checkPacks(profile: Declared<'Profile'>, declarations: Declarations): Problem[] {
  return profile.value.spec.policy.flatMap((name, index) =>
    declarations.has('PolicyPack', name) ? [] : [missing(profile, ['spec', 'policy', index], 'PolicyPack', name, declarations.names('PolicyPack'))],
  );
}

function checkKind(sender: Declared<'SenderBinding'>, { kinds }: Declarations): Problem[] {
  const { kind } = sender.value.spec;
  return Object.hasOwn(kinds, kind) ? [] : [missing(sender, ['spec', 'kind'], 'built-in sender', kind, Object.keys(kinds), 'unknown_sender_kind')];
}

function checkBinding(binding: Declared<'RuntimeBinding'>, declarations: Declarations): Problem[] {
  const { profile, senders = {}, targets } = binding.value.spec;
  const problems: Problem[] = [];
  if (!declarations.has('Profile', profile)) problems.push(missing(binding, ['spec', 'profile'], 'Profile', profile, declarations.names('Profile')));
  for (const [name, { use }] of Object.entries(senders)) {
    if (declarations.has('SenderBinding', use)) continue;
    problems.push(missing(binding, ['spec', 'senders', name, 'use'], 'SenderBinding', use, declarations.names('SenderBinding')));
  }
  for (const [name, { sender }] of Object.entries(targets)) {
    if (Object.hasOwn(senders, sender) || declarations.has('SenderBinding', sender)) continue;
    const known = [...new Set([...Object.keys(senders), ...declarations.names('SenderBinding')])];
    problems.push(missing(binding, ['spec', 'targets', name, 'sender'], 'sender', sender, known));
  }
  return problems;
}
