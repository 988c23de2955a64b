import type { Git } from './git.ts';

/** Who commits where nobody has said who; never in place of what was configured. */
const FALLBACK = { NAME: 'rgov', EMAIL: 'rgov@localhost' } as const;

interface Config {
  /** Variables for what is configured nowhere: name and address, of author and committer, each on its own. */
  identity: Record<string, string>;
  /** Whether the repository is kept tidy by whoever commits, as it is unless `maintenance.auto` says no. */
  isTidy: boolean;
}

export async function readConfig(git: Git, env: NodeJS.ProcessEnv): Promise<Config> {
  const listed = await git.run(['config', '-z', '--get-regexp', '^((user|author|committer)\\.(name|email)|maintenance\\.auto)$'], {
    allowed: [0, 1],
  });
  const entries = listed.toString('utf8').split('\0');
  const configured = new Map(
    entries.map((entry): [string, string] => {
      const [name = '', value = 'true'] = entry.split('\n');
      return [name, value];
    }),
  );
  const missing: Record<string, string> = {};
  for (const who of ['author', 'committer'] as const) {
    for (const what of ['NAME', 'EMAIL'] as const) {
      const variable = `GIT_${who.toUpperCase()}_${what}`;
      const isKnown =
        env[variable] ||
        configured.get(`${who}.${what.toLowerCase()}`) ||
        configured.get(`user.${what.toLowerCase()}`) ||
        (what === 'EMAIL' && env['EMAIL']);
      if (!isKnown) missing[variable] = FALLBACK[what];
    }
  }
  return { identity: missing, isTidy: !/^(false|no|off|0)$/i.test(configured.get('maintenance.auto') ?? 'true') };
}
