import { join } from 'node:path';
import type { Activation, ActivationKind } from '../kind.ts';
import { shellWord } from '../quote.ts';
import type { Site } from '../site.ts';
import { wantedGroups } from './hooks.ts';
import { settingsPiece } from './settings-piece.ts';

/** Which settings file: of everybody who works in this folder, of this checkout alone (git ignores it), or of the user, wherever they work. */
const SCOPES = ['project', 'local', 'user'] as const;
type Scope = (typeof SCOPES)[number];

/** Hooks in the settings of Claude Code: what a session does is heard, and gates are asked before it acts. */
export const claudeCode: ActivationKind = {
  name: 'claude-code',
  summary: 'hooks in the settings of Claude Code',
  scopes: SCOPES,
  canWatch: false,
  describe,
};

function describe(site: Site): Activation {
  const { catalog, owner, options } = site;
  const scope = (options.scope as Scope | undefined) ?? 'project';
  const hasGates = catalog.gates.length > 0;
  const piece = (of: Scope, groups: Parameters<typeof settingsPiece>[0]['groups']) =>
    settingsPiece({ owner, path: settingsFile(site, of), groups, why: whyOf(hasGates) });
  return {
    summary: `sessions of Claude Code are heard${hasGates ? ', and ask the gates of the policy' : ''}, by ${settingsFile(site, scope)}`,
    pieces: [piece(scope, wantedGroups(site))],
    leftovers: SCOPES.filter((other) => other !== scope).map((other) => piece(other, [])),
    next: {
      written: hasGates
        ? [{ command: `rgov -C ${shellWord(site.root)} gate --self-test`, why: 'proves that the gate really holds back and lets go' }]
        : [],
      removed: [],
    },
    warnings: warningsOf(site),
    refusal: null,
  };
}

function settingsFile({ root, user, env }: Site, scope: Scope): string {
  if (scope === 'user') return join(env['CLAUDE_CONFIG_DIR'] ?? join(user.home, '.claude'), 'settings.json');
  return join(root, '.claude', scope === 'local' ? 'settings.local.json' : 'settings.json');
}

const whyOf = (hasGates: boolean): string =>
  `each hook is recorded as an event of its session${hasGates ? '; before a tool runs and before a turn ends, the gates are asked' : ''}. Nothing runs between them.`;

function warningsOf({ catalog }: Site): string[] {
  const firm = catalog.posture === 'enforce';
  return [
    'hooks record what they hear and deliver nothing: a pass does, by itself with rgov activate --as cron or --as systemd',
    ...(catalog.gates.length === 0 ? ['the policy has no gates, so that nothing is held back'] : []),
    ...(catalog.gates.length > 0 && !firm ? [`in posture ${catalog.posture} gates hold nothing back; they say what they would hold`] : []),
    ...(catalog.gates.length > 0 && firm
      ? ['a gate that is not done in time holds back since Claude Code 2.1.295 (onFailure); before, the tool runs then']
      : []),
    'whoever may edit these settings can take the hooks away',
  ];
}
