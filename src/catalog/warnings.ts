import type { Declarations } from './declarations.ts';
import type { Declared } from './document.ts';

/** What is valid and may still be not what was meant. */
export interface Warning {
  file: string;
  /** Counted from 1. */
  line: number;
  message: string;
}

/**
 * Gates that hold only what asks. No problem: a script that calls `rgov gate` before it acts is held back on any runtime. Who wants the runtime
 * itself to hold things back says so (`needs: {blockInline: true}`), and is refused.
 */
export function warningsFor(binding: Declared<'RuntimeBinding'>, declarations: Declarations): Warning[] {
  const { profile: profileName, runtime: runtimeName = '' } = binding.value.spec;
  const profile = declarations.find('Profile', profileName)?.value.spec;
  const runtime = declarations.find('RuntimeCapabilities', runtimeName)?.value.spec;
  if (profile?.posture !== 'enforce' || runtime === undefined || runtime.blockInline) return [];
  const hasGates = profile.policy.some((pack) => (declarations.find('PolicyPack', pack)?.value.spec.gates ?? []).length > 0);
  if (!hasGates) return [];
  const message = `the runtime "${runtimeName}" cannot block an action inline: the gates of the profile "${profileName}" hold only what asks rgov gate before it acts`;
  const { file, line } = binding.at(['spec', 'runtime'], { code: 'runtime_cannot', message });
  return [{ file, line, message }];
}
