import { claudeCode } from './claude-code.ts';
import { gitPrePush } from './git-pre-push.ts';
import { githubActions } from './github-actions.ts';
import { openclaw } from './openclaw.ts';
import type { Shell } from './shell.ts';

/** Every kind of shell that `rgov gate --self-test` looks for. */
export const SHELLS: readonly Shell[] = [claudeCode, gitPrePush, githubActions, openclaw];
