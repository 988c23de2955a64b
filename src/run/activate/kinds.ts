import { cron } from './cron/index.ts';
import type { ActivationKind } from './kind.ts';

/** In the order of --help. */
export const ACTIVATION_KINDS: readonly ActivationKind[] = [cron];
