import { type EvidenceLevel, reaches } from '../../model/evidence.ts';
import { didYouMean } from '../../model/text.ts';
import { boundSender } from '../bound-sender.ts';
import type { Declarations } from '../declarations.ts';
import type { Declared, Path } from '../document.ts';
import { rulesIn } from '../pack-rules.ts';
import type { Problem } from '../problem.ts';

/**
 * What the profile in force asks for and the deployment cannot supply: keys that are missing, targets without a sender, and proof that no
 * sender can give. `profile`: one that might be in force instead.
 */
export function checkEvidence(
  binding: Declared<'RuntimeBinding'>,
  declarations: Declarations,
  profile = declarations.find('Profile', binding.value.spec.profile),
): Problem[] {
  if (!profile) return [];
  const contract = profile.value.spec.binding?.targets ?? [];
  const problems = contract.filter((target) => !isTied(binding, target)).map((target) => unboundContract(binding, profile, target));
  for (const key of profile.value.spec.binding?.supplies ?? [])
    if (binding.value.spec[key] === undefined) problems.push(unsupplied(binding, profile, key));
  for (const name of profile.value.spec.policy) {
    const pack = declarations.find('PolicyPack', name);
    if (!pack) continue;
    for (const told of toldBy(pack)) {
      if (isTied(binding, told.target)) {
        const needed = told.requires
          ? { document: pack, path: ['spec', 'notify', told.index, 'requires'] }
          : { document: profile, path: ['spec', 'requires'] };
        const problem = checkCeiling(binding, told.target, told.requires ?? profile.value.spec.requires, needed, declarations);
        if (problem) problems.push(problem);
      } else if (!contract.includes(told.target)) problems.push(unboundTarget(binding, pack, told));
    }
  }
  return problems;
}

/** A target that a rule names, at once or as a step of its escalation. */
interface Told {
  rule: string;
  index: number;
  target: string;
  path: Path;
  requires: EvidenceLevel | undefined;
}

function toldBy(pack: Declared<'PolicyPack'>): Told[] {
  return rulesIn(pack).flatMap(({ id, target, requires, escalate = [] }, index) => {
    const path = ['spec', 'notify', index];
    const told = { rule: id, index, requires };
    const steps = escalate.map((step, at) => ({ ...told, target: step.target, path: [...path, 'escalate', at, 'target'] }));
    return [{ ...told, target, path: [...path, 'target'] }, ...steps];
  });
}

function isTied(binding: Declared<'RuntimeBinding'>, target: string): boolean {
  return Object.hasOwn(binding.value.spec.targets, target);
}

function unboundContract(binding: Declared<'RuntimeBinding'>, profile: Declared<'Profile'>, target: string): Problem {
  return binding.atKey(['spec', 'targets'], {
    code: 'target_unbound',
    message: `the profile "${profile.name}" demands the target "${target}", and this binding ties no sender to it`,
    expected: `${target}: {sender: ...}`,
  });
}

function unsupplied(binding: Declared<'RuntimeBinding'>, profile: Declared<'Profile'>, key: string): Problem {
  return binding.atKey(['spec'], {
    code: 'contract_unmet',
    message: `the profile "${profile.name}" demands "${key}" of a binding, and this one has none`,
    expected: `${key}: below spec`,
  });
}

/** Where the rule can be edited it is to blame; a rule that came with the package is right, and the binding is to blame. */
function unboundTarget(binding: Declared<'RuntimeBinding'>, pack: Declared<'PolicyPack'>, { rule, target, path }: Told): Problem {
  const known = Object.keys(binding.value.spec.targets);
  if (pack.source.layer === 'package') {
    return binding.atKey(['spec', 'targets'], {
      code: 'target_unbound',
      message: `the rule "${rule}" of the pack "${pack.name}" names the target "${target}", and this binding ties no sender to it`,
      expected: `${target}: {sender: ...}`,
    });
  }
  const suggestion = didYouMean(target, known);
  return pack.at(path, {
    code: 'target_unbound',
    message: `the binding "${binding.name}" ties no sender to the target "${target}" of the rule "${rule}"`,
    expected: `one of ${known.join(', ')}, or a target in ${binding.source.file}`,
    ...(suggestion === null ? {} : { suggestion }),
  });
}

function checkCeiling(
  binding: Declared<'RuntimeBinding'>,
  target: string,
  requires: EvidenceLevel,
  needed: { document: Declared; path: Path },
  declarations: Declarations,
): Problem | null {
  // A human can acknowledge any notice (`rgov ack`), whatever the sender proves.
  if (requires === 'acknowledged') return null;
  const sender = boundSender(binding.value.spec.targets[target]?.sender ?? '', binding, declarations);
  if (!sender || reaches(sender.ceiling, requires)) return null;
  return needed.document.at(needed.path, {
    code: 'ceiling_too_low',
    message: `"${requires}" can never be proved to the target "${target}": its sender "${sender.name}" of the binding "${binding.name}" proves ${sender.ceiling === 'none' ? 'nothing' : `"${sender.ceiling}" at most`}`,
    expected: sender.ceiling === 'none' ? 'acknowledged, or another sender' : `acknowledged, ${sender.ceiling} or less, or another sender`,
  });
}
