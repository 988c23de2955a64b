import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Ajv2020 from 'ajv/dist/2020.js';
import { afterEach } from 'vitest';
import { type LoadedCatalog, loadCatalog, type SenderKindInfo } from '../../src/catalog/load.ts';

export const here = dirname(fileURLToPath(import.meta.url));

const header = {
  type: 'object',
  propertyNames: { allOf: [{ pattern: '^[A-Za-z-]+$' }, { not: { pattern: '^webhook-' } }] },
  additionalProperties: { anyOf: [{ type: 'string' }, { $ref: 'common.schema.json#/$defs/secretRef' }] },
};
const SETTINGS: Record<string, Record<string, unknown>> = {
  file: { properties: { directory: { type: 'string', minLength: 1 } } },
  shout: { properties: {} },
  strict: { properties: { level: { type: 'integer' } }, required: ['level'] },
  webhook: {
    properties: {
      url: { anyOf: [{ type: 'string', pattern: '^https?://' }, { $ref: 'common.schema.json#/$defs/secretRef' }] },
      secret: { $ref: 'common.schema.json#/$defs/secretRef' },
      headers: header,
    },
  },
};

function kind(name: string, maxCeiling: SenderKindInfo['maxCeiling'], canBeIdempotent: boolean): SenderKindInfo {
  const ajv = new Ajv2020.default({ allErrors: true, verbose: true, strict: false });
  ajv.addSchema(JSON.parse(readFileSync(join(here, '../../schemas/common.schema.json'), 'utf8')));
  const validate = ajv.compile({ type: 'object', additionalProperties: false, ...SETTINGS[name] });
  return { kind: name, maxCeiling, canBeIdempotent, defaultTimeLimit_ms: 7_000, defaultConcurrency: 9, configValidator: async () => validate };
}

/** Kinds of senders that the tests know by heart; those of the program may change. */
const KINDS: Record<string, SenderKindInfo> = {
  file: kind('file', 'none', true),
  shout: kind('shout', 'none', false),
  strict: kind('strict', 'accepted', true),
  webhook: kind('webhook', 'accepted', true),
};

const temporary: string[] = [];
afterEach(() => {
  for (const folder of temporary.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rgov-catalog-'));
  temporary.push(folder);
  return folder;
}

/** A named pipe, at which an incautious reader would wait for ever. */
export function makePipe(path: string): void {
  const command = 'mkfifo';
  if (spawnSync(command, [path]).status !== 0) throw new Error(`no pipe at ${path}`);
}

/** A copy of the good workspace and package, with files laid over the workspace. */
export function workspaceWith(files: Record<string, string | Uint8Array> = {}): { workspace: string; packageRoot: string } {
  const root = temporaryFolder();
  const workspace = join(root, 'workspace');
  const packageRoot = join(root, 'package');
  cpSync(join(here, 'workspace'), workspace, { recursive: true });
  cpSync(join(here, 'package'), packageRoot, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, name)), { recursive: true });
    writeFileSync(join(workspace, name), content);
  }
  return { workspace, packageRoot };
}

export function load(roots: { workspace: string; packageRoot: string }, bindingName?: string): Promise<LoadedCatalog> {
  return loadCatalog({ ...roots, bindingName, senderKinds: KINDS, adapters: [] });
}

/** `file line:column code -> suggestion` */
export function brief({ problems }: LoadedCatalog): string[] {
  return problems.map(
    ({ file, line, column, code, suggestion }) => `${file} ${line}:${column} ${code}${suggestion === undefined ? '' : ` -> ${suggestion}`}`,
  );
}
