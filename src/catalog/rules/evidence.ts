import { type EvidenceLevel, reaches } from '../../model/evidence.ts';
import { didYouMean } from '../../model/text.ts';
import { boundSender } from '../bound-sender.ts';
import type { Declarations } from '../declarations.ts';
import type { Declared, Path } from '../document.ts';
import type { Problem } from '../problem.ts';

/** What the profile in force asks for and the deployment cannot supply: targets without a sender, and proof that no sender can give. */
export function checkEvidence(binding: Declared<'RuntimeBinding'>, declarations: Declarations): Problem[] {
  const profile = declarations.find('Profile', binding.value.spec.profile);
  if (!profile) return [];
  const contract = profile.value.spec.binding?.targets ?? [];
  const problems = contract.filter((target) => !isTied(binding, target)).map((target) => unboundContract(binding, profile, target));
  for (const name of profile.value.spec.policy) {
    const pack = declarations.find('PolicyPack', name);
    if (!pack) continue;
    for (const [index, rule] of pack.value.spec.notify.entries()) {
      if (isTied(binding, rule.target)) {
        const needed = rule.requires
          ? { document: pack, path: ['spec', 'notify', index, 'requires'] }
          : { document: profile, path: ['spec', 'requires'] };
        const problem = checkCeiling(binding, rule.target, rule.requires ?? profile.value.spec.requires, needed, declarations);
        if (problem) problems.push(problem);
      } else if (!contract.includes(rule.target)) problems.push(unboundTarget(binding, pack, index));
    }
  }
  return problems;
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

/** Where the rule can be edited it is to blame; a rule that came with the package is right, and the binding is to blame. */
function unboundTarget(binding: Declared<'RuntimeBinding'>, pack: Declared<'PolicyPack'>, index: number): Problem {
  const rule = pack.value.spec.notify[index] as { id: string; target: string };
  const known = Object.keys(binding.value.spec.targets);
  if (pack.source.layer === 'package') {
    return binding.atKey(['spec', 'targets'], {
      code: 'target_unbound',
      message: `the rule "${rule.id}" of the pack "${pack.name}" names the target "${rule.target}", and this binding ties no sender to it`,
      expected: `${rule.target}: {sender: ...}`,
    });
  }
  const suggestion = didYouMean(rule.target, known);
  return pack.at(['spec', 'notify', index, 'target'], {
    code: 'target_unbound',
    message: `the binding "${binding.name}" ties no sender to the target "${rule.target}" of the rule "${rule.id}"`,
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
