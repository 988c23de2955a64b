import { readFileSync, realpathSync } from 'node:fs';

/** The time zone of this machine, whatever TZ says for this process; UTC where nothing is set, as localtime(5) has it. */
export function machineZone(localtime = '/etc/localtime', timezone = '/etc/timezone'): string {
  try {
    const [, name] = /\/zoneinfo\/(?:posix\/|right\/)?(.+)$/.exec(realpathSync(localtime)) ?? [];
    if (name !== undefined) return sameAsUtc(name);
    return sameAsUtc(readFileSync(timezone, 'utf8').trim());
  } catch {
    return 'UTC';
  }
}

const sameAsUtc = (name: string): string => (/^(Etc\/)?(UTC|UCT|Zulu|Universal|GMT|Greenwich)$/.test(name) ? 'UTC' : name);
