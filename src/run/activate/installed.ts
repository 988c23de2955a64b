import { existsSync } from 'node:fs';
import type { Workspace } from '../workspace.ts';
import { cron } from './cron/index.ts';
import type { ActivationKind } from './kind.ts';
import { siteOf } from './site.ts';
import { systemd } from './systemd/index.ts';

/** What runs a deployment by the clock on this machine, as far as that can be looked at from here. */
export interface Installed {
  /** Where something of this binding is installed: `the crontab of alice`, a path. */
  held: string[];
  /** The kind that this machine would best be given. */
  suggested: string;
}

/** Looks into the crontab of this user and into the folders of units. What cannot be looked at holds nothing that we know of. */
export async function installedHere(workspace: Workspace): Promise<Installed> {
  const looked: { kind: ActivationKind; scope: string | undefined }[] = [
    { kind: cron, scope: undefined },
    ...systemd.scopes.map((scope) => ({ kind: systemd, scope })),
  ];
  const held: string[] = [];
  for (const { kind, scope } of looked) {
    const { pieces, leftovers } = await kind.describe(siteOf(workspace, { watch: false, scope }));
    for (const piece of [...pieces, ...leftovers]) {
      const { status } = await piece.look();
      if (status === 'same' || status === 'changed') held.push(piece.where);
    }
  }
  return { held, suggested: existsSync('/run/systemd/system') ? systemd.name : cron.name };
}
