import type { Receipt } from '../../../src/model/artifacts.ts';
import { parseFile } from '../../../src/model/names.ts';
import type { Standing } from '../../../src/model/truth.ts';
import { filesBelow } from './schedule.ts';
import { STATE, type World } from './world.ts';

const STAGES = ['events', 'decisions', 'queue', 'handoffs', 'receipts'] as const;

interface Revision {
  file: string;
  revision: number;
  status: Standing;
  document: Receipt;
}

/** Everything below `state/`, as anybody with `jq` and `sha256sum` finds it. */
export class Trail {
  readonly bytes = new Map<string, Buffer>();
  readonly documents = new Map<string, Record<string, unknown>>();
  readonly revisions = new Map<string, Revision[]>();

  constructor(world: World) {
    for (const path of filesBelow(world)) {
      const below = path.slice(STATE.length + 1);
      const bytes = world.disk.find(path)?.bytes;
      if (bytes === undefined || below.startsWith('.')) continue;
      this.bytes.set(below, bytes);
      if (STAGES.some((stage) => below.startsWith(`${stage}/`))) this.#read(world, below, bytes);
    }
  }

  #read(world: World, path: string, bytes: Buffer): void {
    const [stage, day, file] = path.split('/') as [(typeof STAGES)[number], string, string];
    const parsed = parseFile(stage, day, file);
    let document: Record<string, unknown>;
    try {
      document = JSON.parse(bytes.toString());
    } catch {
      world.offence(`unreadable: ${path}: ${JSON.stringify(bytes.toString().slice(0, 40))}`);
      return;
    }
    if (parsed === null) world.offence(`name: ${path} is no name of an artifact`);
    this.documents.set(path, document);
    if (parsed?.kind !== 'receipt' && parsed?.kind !== 'reopening') return;
    const item = {
      file: path,
      revision: parsed.revision,
      status: parsed.kind === 'receipt' ? parsed.status : ('reopened' as const),
      document: document as unknown as Receipt,
    };
    this.revisions.set(parsed.name, [...(this.revisions.get(parsed.name) ?? []), item]);
  }

  *of<T>(stage: string, suffix = ''): Generator<[string, T]> {
    for (const [path, document] of this.documents) {
      if (path.startsWith(`${stage}/`) && (suffix === '' || path.endsWith(suffix))) yield [path, document as T];
    }
  }

  get<T>(path: string): T | undefined {
    return this.documents.get(path) as T | undefined;
  }
}
