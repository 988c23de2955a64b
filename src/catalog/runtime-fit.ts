import type { Posture, Profile, RuntimeCapabilities, RuntimeNeeds } from '../model/artifacts.ts';
import { EVIDENCE_LADDER, reaches } from '../model/evidence.ts';

type Capabilities = RuntimeCapabilities['spec'];
type Asked = Profile['spec'];

/** What a runtime can be asked for, and how a sentence says it: "cannot ...". */
const CAPABILITIES: Record<Exclude<keyof RuntimeNeeds, 'proveDelivery'>, string> = {
  queue: 'keep work for later',
  handOff: 'have a notice taken over by another system',
  sendDirectly: 'send by itself',
  blockInline: 'block an action inline',
  wakeWatcher: 'wake a watcher',
};
const NAMES = Object.keys(CAPABILITIES) as (keyof typeof CAPABILITIES)[];
const POSTURES: readonly Posture[] = ['observe', 'notify', 'enforce'];

/** What a profile needs and a runtime cannot do, each as it completes "it cannot ..."; empty if they fit. */
export function unmetNeeds({ needs = {} }: Asked, runtime: Capabilities): string[] {
  const cannot = NAMES.filter((name) => needs[name] === true && !runtime[name]).map((name) => `${CAPABILITIES[name]} (${name})`);
  const { proveDelivery } = needs;
  if (proveDelivery === undefined || reaches(runtime.proveDelivery, proveDelivery)) return cannot;
  return [...cannot, `prove that what it sends is ${proveDelivery} (proveDelivery: ${runtime.proveDelivery})`];
}

/**
 * What is lost where one profile stands in for another, each in a word or two: needs, posture, proof, packs and targets that the other one asks for
 * and this one does not, or less so.
 */
function givenUp(asked: Asked, instead: Asked): string[] {
  const needs = NAMES.filter((name) => asked.needs?.[name] === true && instead.needs?.[name] !== true);
  const { proveDelivery } = asked.needs ?? {};
  const lessProof = proveDelivery !== undefined && !reaches(instead.needs?.proveDelivery ?? 'none', proveDelivery);
  const targets = instead.binding?.targets ?? [];
  return [
    ...needs,
    ...(lessProof ? ['proveDelivery'] : []),
    ...(strength(instead) < strength(asked) ? [`posture ${asked.posture}`] : []),
    ...(reaches(instead.requires, asked.requires) ? [] : [`requires ${asked.requires}`]),
    ...asked.policy.filter((pack) => !instead.policy.includes(pack)).map((pack) => `the pack ${pack}`),
    ...(asked.binding?.targets ?? []).filter((target) => !targets.includes(target)).map((target) => `the target ${target}`),
  ];
}

/** The nearest first: the fewest things given up, then the strongest that remains (posture, then proof), then whatever asks for less beyond that, then by name. */
export function byNearness<T extends { name: string; spec: Asked }>(asked: Asked, candidates: readonly T[]): (T & { givesUp: string[] })[] {
  return candidates
    .map((candidate) => ({ ...candidate, givesUp: givenUp(asked, candidate.spec) }))
    .sort(
      (a, b) =>
        a.givesUp.length - b.givesUp.length ||
        strength(b.spec) - strength(a.spec) ||
        proof(b.spec) - proof(a.spec) ||
        givenUp(a.spec, asked).length - givenUp(b.spec, asked).length ||
        (a.name < b.name ? -1 : 1),
    );
}

const strength = ({ posture }: Asked): number => POSTURES.indexOf(posture);
const proof = ({ requires }: Asked): number => EVIDENCE_LADDER.indexOf(requires);
