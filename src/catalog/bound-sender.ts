import type { RuntimeBinding, SenderBinding } from '../model/artifacts.ts';
import type { Ceiling } from '../model/evidence.ts';
import type { Declarations } from './declarations.ts';
import type { Declared, Path } from './document.ts';
import type { SenderKindInfo } from './sender-kinds.ts';

type Instance = NonNullable<RuntimeBinding['spec']['senders']>[string];

/** One sender of a deployment: the SenderBinding that it uses, and what the runtime binding says beyond it. */
export interface BoundSender {
  /** As targets name it. */
  name: string;
  base: Declared<'SenderBinding'>;
  spec: SenderBinding['spec'];
  /** Null where a target names the SenderBinding itself. */
  instance: Instance | null;
  /** Null if there is no such kind. */
  kind: SenderKindInfo | null;
  ceiling: Ceiling;
  /** Settings of the SenderBinding with those of the runtime binding laid over them, key by key. */
  config: Record<string, unknown>;
}

/** Path of a sender instance in its runtime binding. */
export function instancePath(name: string): Path {
  return ['spec', 'senders', name];
}

/** The sender that a name stands for in a runtime binding: one of its instances first, then a SenderBinding. Null if it is missing or not valid. */
export function boundSender(name: string, binding: Declared<'RuntimeBinding'>, declarations: Declarations): BoundSender | null {
  const senders = binding.value.spec.senders ?? {};
  const instance = Object.hasOwn(senders, name) ? (senders[name] as Instance) : null;
  const base = declarations.find('SenderBinding', instance?.use ?? name);
  if (!base) return null;
  const { spec } = base.value;
  return {
    name,
    base,
    spec,
    instance,
    kind: Object.hasOwn(declarations.kinds, spec.kind) ? (declarations.kinds[spec.kind] as SenderKindInfo) : null,
    ceiling: instance?.ceiling ?? spec.ceiling,
    config: { ...spec.with, ...instance?.with },
  };
}

/** Every sender of a runtime binding: its instances, and the SenderBindings that its targets name themselves. */
export function boundSenders(binding: Declared<'RuntimeBinding'>, declarations: Declarations): BoundSender[] {
  const { senders, targets } = binding.value.spec;
  const names = new Set([...Object.keys(senders ?? {}), ...Object.values(targets).map((target) => target.sender)]);
  return [...names].flatMap((name) => boundSender(name, binding, declarations) ?? []);
}
