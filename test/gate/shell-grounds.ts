import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Place, PROGRAM, type Ran } from '../support/cli.ts';
import { GatedWorkspace } from './gated-workspace.ts';

export const EXAMPLES = join(import.meta.dirname, '../../examples/gate-shells');

interface Reported {
  shell: string;
  status: string;
  where: string;
  why: string;
}

export interface SelfTested {
  code: number;
  shells: Reported[];
  of(part: string): Reported | undefined;
}

/** A workspace whose gate stands before a push and a deployment, and a folder with the program on its path, as it is installed: a link. */
export class ShellGrounds {
  readonly workspace = new GatedWorkspace('action == "push" || action == "deploy"');
  readonly place = new Place();
  readonly env: Record<string, string>;

  constructor() {
    mkdirSync(this.place.path('bin'));
    symlinkSync(PROGRAM, this.place.path('bin/rgov'));
    this.env = { PATH: `${this.place.path('bin')}:${process.env['PATH']}` };
  }

  git(folder: string, ...args: string[]): Promise<Ran> {
    return this.place.run('git', ['-c', 'user.name=a', '-c', 'user.email=a@localhost', ...args], { cwd: folder, env: this.env });
  }

  /** A work tree with one commit, the hook in it, and a bare repository to push to. */
  async repositoryWithHook(folder: string): Promise<{ push: () => Promise<Ran>; refs: () => Promise<string> }> {
    mkdirSync(folder, { recursive: true });
    await this.git(this.place.root, 'init', '--bare', '-q', 'remote.git');
    await this.git(folder, 'init', '-q', '-b', 'main');
    await this.git(folder, 'remote', 'add', 'origin', this.place.path('remote.git'));
    await this.git(folder, 'commit', '-q', '--allow-empty', '-m', 'one');
    mkdirSync(join(folder, '.git/hooks'), { recursive: true });
    copyFileSync(join(EXAMPLES, 'pre-push'), join(folder, '.git/hooks/pre-push'));
    await this.git(folder, 'config', 'rgov.workspace', this.workspace.root);
    await this.git(folder, 'config', 'rgov.subject', 'agent/main');
    return {
      push: () => this.git(folder, 'push', 'origin', 'main'),
      refs: async () => (await this.git(this.place.path('remote.git'), 'for-each-ref')).stdout,
    };
  }

  async selfTest(): Promise<SelfTested> {
    const { code, stdout } = await this.place.rgov(['gate', '--self-test', '--json'], { cwd: this.workspace.root, env: this.env });
    const { shells } = JSON.parse(stdout) as { shells: Reported[] };
    return { code, shells, of: (part) => shells.find(({ where }) => where.includes(part)) };
  }

  /** Files below the workspace. */
  put(path: string, text: string): void {
    const file = join(this.workspace.root, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
  }

  remove(): void {
    this.workspace.remove();
    this.place.remove();
  }
}
