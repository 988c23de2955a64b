import { statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Site } from '../site.ts';

/** Whose manager runs the units, and where it looks for them. */
export interface Manager {
  scope: 'user' | 'system';
  folder: string;
  /** How it is spoken to. */
  systemctl: string;
  /** What starts a service of its own accord. */
  wantedBy: string;
  /** For `User=`: a name, or a number; null: whoever the manager is. */
  runsAs: string | null;
}

const SYSTEM_FOLDER = '/etc/systemd/system';

export function managerOf(site: Site): Manager {
  const declared = site.catalog.activation.systemd;
  const scope = site.options.scope ?? declared?.scope ?? (site.user.uid === 0 ? 'system' : 'user');
  if (scope === 'system')
    return { scope, folder: SYSTEM_FOLDER, systemctl: 'systemctl', wantedBy: 'multi-user.target', runsAs: declared?.user ?? ownerOf(site.root) };
  const config = site.env['XDG_CONFIG_HOME'];
  const base = config !== undefined && isAbsolute(config) ? config : join(site.user.home, '.config');
  return { scope: 'user', folder: join(base, 'systemd', 'user'), systemctl: 'systemctl --user', wantedBy: 'default.target', runsAs: null };
}

/** A workspace that is somebody's is not worked on by root, who would leave files there that its owner cannot write. */
function ownerOf(root: string): string | null {
  const { uid } = statSync(root);
  return uid === 0 ? null : String(uid);
}
