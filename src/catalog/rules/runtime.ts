import { reaches } from '../../model/evidence.ts';
import { boundSenders, instancePath } from '../bound-sender.ts';
import { type Declarations, missing } from '../declarations.ts';
import type { Declared } from '../document.ts';
import type { Problem } from '../problem.ts';
import { byNearness, unmetNeeds } from '../runtime-fit.ts';
import { checkEvidence } from './evidence.ts';

type Binding = Declared<'RuntimeBinding'>;
type Runtime = Declared<'RuntimeCapabilities'>;

/** Profiles that ask for what the runtime of their binding cannot do, runtimes that nobody has described, and words of either that say nothing. */
export function checkRuntime(declarations: Declarations): Problem[] {
  return [
    ...declarations.all('Profile').flatMap(checkNeeds),
    ...declarations.all('RuntimeCapabilities').flatMap((runtime) => checkCapabilities(runtime, declarations)),
    ...declarations.all('RuntimeBinding').flatMap((binding) => checkBinding(binding, declarations)),
  ];
}

function checkNeeds(profile: Declared<'Profile'>): Problem[] {
  const { needs } = profile.value.spec;
  if (needs?.proveDelivery === undefined || needs.sendDirectly) return [];
  return [
    profile.atKey(['spec', 'needs', 'proveDelivery'], {
      code: 'wrong_combination',
      message: 'proveDelivery says nothing without sendDirectly: what another sender sends is proved by that sender',
      expected: 'sendDirectly: true beside it, or only requires of the profile',
    }),
  ];
}

function checkCapabilities(runtime: Runtime, { kinds }: Declarations): Problem[] {
  const { sender, sendDirectly } = runtime.value.spec;
  if (sender === undefined) return [];
  if (!Object.hasOwn(kinds, sender))
    return [missing(runtime, ['spec', 'sender'], 'built-in sender', sender, Object.keys(kinds), 'unknown_sender_kind')];
  if (sendDirectly) return [];
  return [
    runtime.atKey(['spec', 'sender'], {
      code: 'wrong_combination',
      message: 'a runtime that does not send directly is no sender',
      expected: 'sendDirectly: true, or no sender',
    }),
  ];
}

function checkBinding(binding: Binding, declarations: Declarations): Problem[] {
  const { runtime: name, profile: profileName } = binding.value.spec;
  const profile = declarations.find('Profile', profileName);
  if (name === undefined) return profile?.value.spec.needs ? [unnamed(binding, profile, declarations)] : [];
  if (!declarations.has('RuntimeCapabilities', name))
    return [missing(binding, ['spec', 'runtime'], 'RuntimeCapabilities', name, declarations.names('RuntimeCapabilities'))];
  const runtime = declarations.find('RuntimeCapabilities', name);
  if (!runtime) return [];
  const fit = profile ? checkFit(binding, profile, runtime, declarations) : [];
  return [...fit, ...checkOwnSender(binding, runtime, declarations)];
}

/** Nobody can tell whether a runtime that is not named does what is needed. */
function unnamed(binding: Binding, profile: Declared<'Profile'>, declarations: Declarations): Problem {
  const fitting = declarations.all('RuntimeCapabilities').filter((runtime) => unmetNeeds(profile.value.spec, runtime.value.spec).length === 0);
  return binding.at(['spec', 'profile'], {
    code: 'runtime_not_named',
    message: `the profile "${profile.name}" needs a runtime that can do certain things, and this binding does not say which runtime it is for`,
    expected: fitting.length === 0 ? 'another profile: no declared runtime can do that' : `runtime: ${namesOf(fitting).join(' or ')}`,
  });
}

function checkFit(binding: Binding, profile: Declared<'Profile'>, runtime: Runtime, declarations: Declarations): Problem[] {
  const cannot = unmetNeeds(profile.value.spec, runtime.value.spec);
  if (cannot.length === 0) return [];
  return [
    binding.at(['spec', 'profile'], {
      code: 'runtime_cannot',
      message: `the profile "${profile.name}" asks for what the runtime "${runtime.name}" cannot do: ${cannot.join('; ')}`,
      expected: nearestInWords(binding, profile, runtime, declarations),
    }),
  ];
}

function nearestInWords(binding: Binding, profile: Declared<'Profile'>, runtime: Runtime, declarations: Declarations): string {
  const fitting = declarations.all('Profile').filter((other) => unmetNeeds(other.value.spec, runtime.value.spec).length === 0);
  // One that the targets and senders of this binding do for is nearer than any that asks for others.
  const ready = fitting.filter((other) => checkEvidence(binding, declarations, other).length === 0);
  const candidates = (ready.length > 0 ? ready : fitting).map(({ name, value }) => ({ name, spec: value.spec }));
  const [nearest] = byNearness(profile.value.spec, candidates);
  if (nearest === undefined) return 'another runtime: no declared profile fits this one';
  return `the nearest profile that fits, "${nearest.name}", which gives up ${nearest.givesUp.join(', ')}`;
}

/** A runtime that is a sender itself proves what it proves, whatever a sender of its kind is said to prove. */
function checkOwnSender(binding: Binding, runtime: Runtime, declarations: Declarations): Problem[] {
  const { sender: kind, proveDelivery } = runtime.value.spec;
  if (kind === undefined) return [];
  return boundSenders(binding, declarations)
    .filter((sender) => sender.spec.kind === kind && !reaches(proveDelivery, sender.ceiling))
    .map((sender) => {
      const path = sender.instance === null ? ['spec', 'runtime'] : [...instancePath(sender.name), 'ceiling'];
      return binding.at(path, {
        code: 'ceiling_not_provable',
        message: `the sender "${sender.name}" is the runtime "${runtime.name}" itself, which proves "${proveDelivery}" at most, not "${sender.ceiling}"`,
        expected: proveDelivery === 'none' ? 'ceiling: none' : `ceiling: ${proveDelivery} or less`,
      });
    });
}

const namesOf = (documents: readonly Declared[]): string[] => documents.map(({ name }) => name).sort();
