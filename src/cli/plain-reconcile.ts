// Read at every start, before anything else: this file loads node:fs and nothing more.
import { fstatSync, statSync } from 'node:fs';

/** `rgov reconcile` in one of the plain forms that cron uses. */
export interface PlainReconcile {
  workspace?: string;
  binding?: string;
  quiet?: boolean;
}

const NAMES: Record<string, 'workspace' | 'binding'> = { '-C': 'workspace', '--workspace': 'workspace', '--binding': 'binding' };

/** Null if it is another command, if more is asked for, or if somebody looks on. */
export function plainReconcile(args: readonly string[]): PlainReconcile | null {
  const options = plainOptions(args);
  return options === null || mayBeLookedAt() ? null : options;
}

function plainOptions(args: readonly string[]): PlainReconcile | null {
  const options: PlainReconcile = {};
  let named = false;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    const name = NAMES[arg];
    const value = args[i + 1];
    if (arg === 'reconcile' && !named) named = true;
    else if (name !== undefined && value !== undefined && !value.startsWith('-')) options[name] = args[++i] as string;
    else if (named && (arg === '-q' || arg === '--quiet')) options.quiet = true;
    else return null;
  }
  return named ? options : null;
}

/** Whether the standard output may be a terminal: asking the stream itself costs more than the rest of an idle pass. */
function mayBeLookedAt(): boolean {
  try {
    const output = fstatSync(1);
    return output.isCharacterDevice() && output.rdev !== statSync('/dev/null').rdev && process.stdout.isTTY;
  } catch {
    // Closed, or a machine without such a device.
    return true;
  }
}
