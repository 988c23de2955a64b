import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRoot } from '../../support/hostile-things.ts';

/** Who a process believes to be: on which machine, since which boot. */
export interface Identity {
  machine?: string;
  boot?: string;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Other machines and other boots, made of mount namespaces (unshare(1)): the program itself is not touched. */
export class Elsewhere {
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), 'rgov-elsewhere-')));
  #count = 0;

  /** Why none of it can be made here; null if it can. */
  static whyNot(): string | null {
    if (!isRoot) return 'mount and process namespaces need root';
    if (!existsSync('/etc/machine-id')) return 'there is no /etc/machine-id to put another one over';
    const { status, stderr } = spawnSync('unshare', ['-m', '-p', '-f', '--mount-proc', 'mount', '--bind', '/etc/hosts', '/etc/hosts'], {
      encoding: 'utf8',
    });
    return status === 0 ? null : `unshare does not work here: ${(stderr ?? '').trim()}`;
  }

  /** The same command on a machine and in a boot of that name: only two files differ (machine-id(5), random(4)). */
  as({ machine, boot }: Identity, command: readonly string[]): string[] {
    const mounts = [
      ...(machine === undefined ? [] : [this.#mount(`${machine.repeat(32).slice(0, 32)}\n`, '/etc/machine-id')]),
      ...(boot === undefined ? [] : [this.#mount(`${boot}\n`, '/proc/sys/kernel/random/boot_id')]),
    ];
    return ['unshare', '-m', 'sh', '-c', [...mounts, 'exec "$@"'].join(' && '), 'sh', ...command];
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #mount(content: string, over: string): string {
    const file = join(this.#folder, String(++this.#count));
    writeFileSync(file, content);
    return `mount --bind ${quoted(file)} ${over}`;
  }
}

export const anotherBoot = (): string => randomUUID();
