import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Catalog } from '../../src/model/catalog.ts';
import { type Site, siteOf } from '../../src/run/activate/site.ts';
import { Layout } from '../../src/store/layout.ts';
import { catalogOf } from '../support/world.ts';

/** A deployment in a folder of its own, `name` its last part; nothing of this machine's is looked at but what `env` leads to. */
export class Grounds {
  readonly root: string;
  readonly home: string;

  constructor() {
    this.root = realpathSync(mkdtempSync(join(tmpdir(), 'rgov-activate-')));
    this.home = this.path('home');
    mkdirSync(this.home);
  }

  path(...parts: string[]): string {
    return join(this.root, ...parts);
  }

  site(
    parts: Partial<Catalog> = {},
    { name = 'ws', watch = false, scope, env = {} }: { name?: string; watch?: boolean; scope?: string; env?: Record<string, string> } = {},
  ): Site {
    const root = this.path(name);
    mkdirSync(root, { recursive: true });
    const catalog = catalogOf({ schedule: { kind: 'every', every_ms: 300_000 }, ...parts });
    const workspace = { root, catalog, layout: new Layout(join(root, 'state')) };
    return siteOf(workspace, { watch, scope }, { PATH: process.env['PATH'] ?? '', HOME: this.home, ...env });
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
