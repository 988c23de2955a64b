import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { ADAPTERS } from '../../src/adapters/registry.generated.ts';
import { painter } from '../../src/cli/terminal.ts';
import { catalogText } from '../../src/cli/views/catalog.ts';
import { type CatalogList, catalogList, type Entry, SECTIONS, type SenderFacts } from '../../src/run/catalog-list.ts';
import { packageRoot } from '../../src/run/locate.ts';
import { SENDER_KINDS } from '../../src/senders/registry.generated.ts';
import { OBEYED_BY_TERMINALS, Place } from '../support/cli.ts';

let place: Place;
beforeEach(async () => {
  place = await Place.initialised();
});
afterEach(() => place.remove());

// biome-ignore lint/suspicious/noExplicitAny: what programs read is looked into
async function listed(args: string[] = [], code = 0, cwd?: string): Promise<Record<string, any>> {
  const ran = await place.rgov(['catalog', ...args, '--json'], cwd === undefined ? {} : { cwd });
  expect(ran).toMatchObject({ code, stderr: '' });
  return JSON.parse(ran.stdout);
}

const named = (entries: { name: string }[], name: string) => entries.find((entry) => entry.name === name);

/** Names of the documents of one kind that came with the package. */
function declaredIn(folder: string, kind: string): string[] {
  const files = readdirSync(join(packageRoot(), folder), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
  const documents = files.flatMap((file) =>
    parseAllDocuments(readFileSync(join(packageRoot(), folder, file), 'utf8')).map((document) => document.toJS()),
  );
  return documents.flatMap((document) => (document.kind === kind ? [document.metadata.name] : [])).sort();
}

const OURS = `apiVersion: reporting-governance/v1
kind: SenderBinding
metadata: { name: pager, version: 2.1.0, description: Our pager. }
spec: { kind: webhook, ceiling: accepted, idempotent: true, bridge: process, with: { url: "https://pager.example.com/" } }
`;

describe('the catalog', () => {
  it('holds everything that is built in or came with the package', async () => {
    const list = await listed();
    expect(list['senders'].kinds.map(({ kind }: { kind: string }) => kind).sort()).toEqual(Object.keys(SENDER_KINDS).sort());
    expect(list['adapters'].map(({ name }: { name: string }) => name).sort()).toEqual(Object.keys(ADAPTERS).sort());
    const names = (section: { name: string }[]): string[] => section.map(({ name }) => name).sort();
    expect(names(list['senders'].bindings)).toEqual(declaredIn('bindings/senders', 'SenderBinding'));
    expect(names(list['runtimes'])).toEqual(declaredIn('bindings/runtimes', 'RuntimeCapabilities'));
    expect(names(list['profiles'])).toEqual(declaredIn('profiles', 'Profile'));
    expect(names(list['packs'])).toEqual(declaredIn('policy', 'PolicyPack'));
    expect(list).toMatchObject({ valid: true, problems: [], workspace: place.ws() });
  });

  it('says of each what its document says', async () => {
    const { senders, profiles, packs, runtimes } = await listed();
    expect(senders.kinds.find(({ kind }: { kind: string }) => kind === 'file')).toEqual({
      kind: 'file',
      summary: SENDER_KINDS['file']?.summary,
      maxCeiling: 'none',
      canBeIdempotent: true,
      defaults: { timeLimit_ms: 10_000, concurrency: 16 },
    });
    expect(named(senders.bindings, 'webhook')).toEqual({
      name: 'webhook',
      version: '1.0.0',
      description: expect.stringContaining('Posts the notice'),
      layer: 'package',
      file: 'package:bindings/senders/webhook.yaml',
      valid: true,
      declared: { kind: 'webhook', ceiling: 'accepted', idempotent: false, bridge: 'inline', source: null },
    });
    expect(named(profiles, 'on-call')).toMatchObject({
      declared: { posture: 'notify', requires: 'accepted', packs: ['unattended-work', 'delivery-truth'], targets: ['operator', 'oncall', 'manager'] },
    });
    expect(named(packs, 'delivery-truth')).toMatchObject({ declared: { rules: 1, expectations: 0 } });
    expect(named(runtimes, 'shell')).toMatchObject({ declared: { queue: false, proveDelivery: 'none', wakeWatcher: true } });
  });

  it('shows each section by itself, and that one whole', async () => {
    for (const section of SECTIONS) expect(Object.keys(await listed([section]))).toEqual(['workspace', 'valid', 'problems', section]);
    const whole = (await place.rgov(['catalog', 'runtimes'])).stdout;
    expect(whole).toContain('not claimed: Nothing holds back a command before it runs.');
    expect(whole).not.toContain('built-in senders');
    expect((await place.rgov(['catalog'])).stdout).toContain('3 things that nobody should expect');
  });

  it('is a table that a person can read', async () => {
    place.write('bindings/senders/pager.yaml', OURS);
    const [, , head = '', ...rows] = (await place.rgov(['catalog', 'senders'])).stdout.split('\n\n')[1]?.split('\n') ?? [];
    expect(rows.length).toBeGreaterThan(2);
    // Every row has its columns where the first one has them.
    const start = head.search(/(workspace|package) \d/);
    expect(start).toBeGreaterThan(0);
    for (const row of rows.filter((line) => / (workspace|package) \d/.test(line) && !line.startsWith('      ')))
      expect(row.search(/(workspace|package) \d/), row).toBe(start);
  });

  it('does not know other sections, and says which one was probably meant', async () => {
    const ran = await place.rgov(['catalog', 'sender']);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(place.transcript('rgov catalog sender', ran)).toMatchSnapshot();
  });
});

describe('a workspace', () => {
  it('adds what it declares, and hides what it declares anew', async () => {
    place.write('bindings/senders/pager.yaml', OURS);
    place.write('bindings/senders/command.yaml', OURS.replace('pager,', 'command,'));
    const { senders } = await listed(['senders']);
    expect(named(senders.bindings, 'pager')).toMatchObject({
      layer: 'workspace',
      version: '2.1.0',
      declared: { idempotent: true, bridge: 'process' },
    });
    expect(senders.bindings.filter(({ name }: { name: string }) => name === 'command')).toMatchObject([
      { layer: 'workspace', file: 'bindings/senders/command.yaml' },
    ]);
  });

  it('need not be there', async () => {
    const bare = place.path('bare');
    mkdirSync(bare);
    const list = await listed([], 0, bare);
    expect(list).toMatchObject({ workspace: null, valid: true });
    expect(new Set(['profiles', 'packs', 'runtimes'].flatMap((section) => list[section].map(({ layer }: { layer: string }) => layer)))).toEqual(
      new Set(['package']),
    );
    expect((await place.rgov(['catalog', 'packs'], { cwd: bare })).stdout).toContain('no workspace here');
    expect((await place.rgov(['-C', 'nowhere', 'catalog'], { cwd: bare })).code).toBe(2);
  });

  it('need not say which of its bindings is meant', async () => {
    const binding = readFileSync(place.ws('bindings/default.yaml'), 'utf8');
    place.write('bindings/a.yaml', binding.replace('name: default', 'name: a'));
    place.write('bindings/b.yaml', binding.replace('name: default', 'name: b'));
    place.write('bindings/default.yaml', binding.replace('name: default', 'name: c'));
    expect(await listed(['packs'])).toMatchObject({ valid: true, problems: [] });
  });
});

describe('documents that are not valid', () => {
  beforeEach(() => {
    // A binding that claims more than its kind can, one that says next to nothing, and one that is no YAML; beside them one that is well.
    place.write('bindings/senders/pager.yaml', `${OURS}---\n${OURS.replace('pager,', 'loud-pager,').replace('accepted', 'seen')}`);
    place.write('bindings/senders/mute.yaml', 'apiVersion: reporting-governance/v1\nkind: SenderBinding\nmetadata: { name: mute }\n');
    place.write('profiles/torn.yaml', 'apiVersion: reporting-governance/v1\nkind: Profile\nmetadata: { name: torn }\nspec: {posture: notify\n');
  });

  it('are shown as invalid beside those that are well, with exit code 1', async () => {
    const { senders, profiles, problems, valid } = await listed([], 1);
    expect(valid).toBe(false);
    expect(named(senders.bindings, 'pager')).toMatchObject({ valid: true, declared: { ceiling: 'accepted' } });
    expect(named(senders.bindings, 'loud-pager')).toMatchObject({ valid: false, declared: { ceiling: 'seen' } });
    expect(named(senders.bindings, 'mute')).toMatchObject({ valid: false, declared: null, file: 'bindings/senders/mute.yaml' });
    expect(named(profiles, 'torn')).toMatchObject({ valid: false, declared: null });
    expect(named(senders.bindings, 'webhook')).toMatchObject({ valid: true });
    expect(new Set(problems.map(({ file }: { file: string }) => file))).toEqual(
      new Set(['bindings/senders/mute.yaml', 'bindings/senders/pager.yaml', 'profiles/torn.yaml']),
    );
  });

  it('are told in words, too', async () => {
    const ran = await place.rgov(['catalog', 'profiles']);
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/^ {2}torn .*invalid$/m);
    expect(ran.stdout).toMatch(/^ {2}on-call .*1\.0\.0$/m);
    expect(ran.stdout).toContain('bindings/senders/mute.yaml:1:1');
  });

  it('are found although the documents were valid the last time', async () => {
    for (const file of ['bindings/senders/pager.yaml', 'bindings/senders/mute.yaml', 'profiles/torn.yaml'])
      place.write(file, OURS.replace('pager,', `${file.replace(/\W/g, '-')},`));
    expect((await place.rgov(['reconcile'])).code).toBe(0);
    expect(await listed()).toMatchObject({ valid: true });
    place.write(
      'policy/unattended-work.yaml',
      readFileSync(place.ws('policy/unattended-work.yaml'), 'utf8').replace('event.type in', 'event.typo in'),
    );
    const { packs } = await listed([], 1);
    expect(named(packs, 'unattended-work')).toMatchObject({ valid: false, declared: { expectations: 0 } });
  });
});

it('loads the code of no sender', async () => {
  const loads = Object.values(SENDER_KINDS).map((kind) => vi.spyOn(kind, 'load'));
  await catalogList({ workspace: place.ws() });
  for (const load of loads) expect(load).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

it('shows where the provider of a recipe documents it', async () => {
  place.write('bindings/senders/pager.yaml', OURS.replace('url: "https://pager.example.com/"', 'source: "https://pager.example.com/docs"'));
  const list = await catalogList({ workspace: place.ws(), section: 'senders' });
  expect(named(list.senders?.bindings ?? [], 'pager')).toMatchObject({ declared: { source: 'https://pager.example.com/docs' } });
});

it('has the keys that it always had', async () => {
  const { senders, profiles, packs, runtimes, adapters, ...list } = await listed();
  const webhook = senders.kinds.find(({ kind }: { kind: string }) => kind === 'webhook');
  const one = {
    ...list,
    senders: { kinds: [webhook], bindings: [named(senders.bindings, 'webhook')] },
    adapters: [named(adapters, 'cloudevents')],
    profiles: [named(profiles, 'on-call')],
    packs: [named(packs, 'unattended-work')],
    runtimes: [named(runtimes, 'shell')],
  };
  const shape = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.slice(0, 1).map(shape);
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]));
    return value === null ? null : typeof value;
  };
  expect(shape(one)).toMatchSnapshot();
});

describe('as text', () => {
  const common = { version: '1.0.0', layer: 'package' as const, file: 'package:x.yaml', valid: true };
  const nothing = { kind: 'file', ceiling: 'none' as const, idempotent: true, bridge: 'inline' as const, source: null };
  const list: CatalogList = {
    workspace: null,
    valid: false,
    problems: [{ code: 'unknown_key', file: 'bindings/senders/torn.yaml', line: 3, column: 1, sourceLine: 'nmae: x', message: 'unknown key "nmae"' }],
    senders: {
      kinds: [
        { kind: 'file', summary: 'Writes files.', maxCeiling: 'none', canBeIdempotent: true, defaults: { timeLimit_ms: 90_000, concurrency: 16 } },
      ],
      bindings: [
        { ...common, name: 'file', description: 'Files. Nobody proves that they are read.', declared: nothing },
        {
          ...common,
          name: 'a-longer-name',
          description: '',
          declared: { ...nothing, kind: 'http', ceiling: 'acknowledged', source: 'https://example.com/docs' },
        },
        { ...common, name: 'torn', version: null, layer: 'workspace', description: '', valid: false, declared: null },
        { ...common, name: 'hostile', description: 'red \u001b[31m\u202eand\u0007', declared: { ...nothing, idempotent: false } },
      ],
    },
    adapters: [{ name: 'cloudevents', summary: 'CloudEvents.' }],
    profiles: [
      {
        ...common,
        name: 'on-call',
        description: 'For nights.',
        declared: {
          posture: 'notify',
          requires: 'seen',
          packs: ['a', 'b'],
          targets: [],
          supplies: ['schedule'],
          needs: { blockInline: true, proveDelivery: 'seen' },
          runtimes: ['shell', 'other'],
        },
      },
    ],
    packs: [],
    runtimes: [
      {
        ...common,
        name: 'shell',
        description: 'Scripts.',
        declared: {
          queue: true,
          handOff: false,
          sendDirectly: true,
          proveDelivery: 'accepted',
          blockInline: false,
          wakeWatcher: true,
          activation: ['Start it.'],
          notClaimed: ['Nothing is held back.'],
        },
      },
    ],
  };
  const plain = painter({ isTTY: false });

  it('has aligned columns, and below each row what else there is to say', () => {
    expect(catalogText(list, false, plain)).toMatchSnapshot('all');
    const { runtimes = [], senders = { kinds: [], bindings: [] } } = list;
    const [file, other] = senders.bindings as [Entry<SenderFacts>, Entry<SenderFacts>];
    const long = { ...other, description: 'Many words of one provider. '.repeat(8) };
    const whole = { workspace: '/ws', valid: true, problems: [], runtimes, senders: { kinds: [], bindings: [file, long] } };
    expect(catalogText(whole, true, plain)).toMatchSnapshot('whole');
    expect(catalogText(whole, false, plain)).toContain('\n      Many words of one provider.\n');
  });

  it('lets nothing through that a terminal would obey', () => {
    expect(catalogText(list, false, plain)).not.toMatch(OBEYED_BY_TERMINALS);
  });
});
