import { mkdirSync } from 'node:fs';
import type { Receipt } from '../../src/model/artifacts.ts';
import type { Catalog } from '../../src/model/catalog.ts';
import { confirmAll, type Statement, type Verdict } from '../../src/run/confirm.ts';
import { Publisher } from '../../src/store/publish.ts';
import { catalogOf, failedRun, NOON_MS, notifyRule, type PassOptions, resolvedSender, type Script, World } from '../support/world.ts';

/** A sender that another system stands behind, which can prove that something was delivered. */
export const upstream = (requires: Receipt['requires'] = 'delivered', parts: Partial<Catalog> = {}): Catalog =>
  catalogOf({
    rules: [notifyRule({ requires })],
    senders: { hook: resolvedSender({ ceiling: 'delivered' }) },
    ...parts,
  });

export const inCustody: Script = () => ({ kind: 'custody', who: 'gateway' });

/** A world with one notice, handed over as `send` says. */
export class OneNotice extends World {
  readonly catalog: Catalog;
  /** Name of the notice. */
  name = '';

  constructor(catalog: Catalog) {
    super();
    this.catalog = catalog;
    mkdirSync(this.layout.inbox, { recursive: true });
  }

  static async sent(catalog = upstream(), send: Script = inCustody): Promise<OneNotice> {
    const world = new OneNotice(catalog);
    await world.record([failedRun('1')]);
    await world.again({ send });
    world.name = world.names()[0] ?? '';
    return world;
  }

  /** One more pass, with the catalog of this world. */
  again(options: PassOptions = {}): ReturnType<World['pass']> {
    return this.pass({ catalog: this.catalog, ...options });
  }

  names(): string[] {
    return this.paths().flatMap((path) => /^queue\/[^/]+\/(.+)\.json$/.exec(path)?.[1] ?? []);
  }

  /** Revisions and reopenings of a notice in order: `['1.acked', '2.blocked']`. */
  revisions(name = this.name): string[] {
    return this.paths()
      .flatMap((path) =>
        path.startsWith('receipts/') && path.includes(`/${name}.`) ? [path.slice(path.indexOf(name) + name.length + 1, -'.json'.length)] : [],
      )
      .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  }

  receipt(revision: number): Receipt {
    const path = this.paths().find((item) => item.startsWith('receipts/') && item.includes(`${this.name}.${revision}.`));
    if (path === undefined) throw new Error(`no revision ${revision} among ${this.revisions().join(', ')}`);
    return JSON.parse(this.files()[path] as string);
  }

  async confirmAll(
    statements: readonly Statement[],
    options: { now_ms?: number; alive?: boolean; nonce?: string; publisher?: Publisher } = {},
  ): Promise<Verdict[]> {
    const { now_ms = NOON_MS, alive = false, nonce = 'confirmer' } = options;
    const desk = {
      workspace: { root: this.root, catalog: this.catalog, layout: this.layout },
      publisher: options.publisher ?? new Publisher(this.layout, nonce),
      livenessOf: () => (alive ? ('alive' as const) : ('dead' as const)),
    };
    return confirmAll(
      desk,
      statements.map((statement) => ({ statement, defaultBy: 'test' })),
      now_ms,
    );
  }

  async confirm(statement: Statement, options: Parameters<OneNotice['confirmAll']>[1] = {}): Promise<Verdict> {
    return (await this.confirmAll([{ handoff: `${this.name}.1`, ...statement }], options))[0] as Verdict;
  }

  /** Types of the events that the watchdog raised about notices, each with the number that its id ends in. */
  raised(): string[] {
    return this.paths().flatMap((path) => {
      if (!path.startsWith('events/') || !path.includes('_notice.')) return [];
      const { type, id } = JSON.parse(this.files()[path] as string);
      return [`${type} ${/\/(\d+)$/.exec(id)?.[1] ?? ''}`.trim()];
    });
  }
}

export const delivered: Statement = { evidence: 'delivered', reference: 'gw-4711' };
