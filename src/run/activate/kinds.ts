import { claudeCode } from './claude-code/index.ts';
import { cron } from './cron/index.ts';
import { githubActions } from './github-actions/index.ts';
import type { ActivationKind } from './kind.ts';
import { kubernetes } from './kubernetes/index.ts';
import { openclaw } from './openclaw/index.ts';
import { systemd } from './systemd/index.ts';

/** In the order of --help. */
export const ACTIVATION_KINDS: readonly ActivationKind[] = [cron, systemd, kubernetes, githubActions, openclaw, claudeCode];
