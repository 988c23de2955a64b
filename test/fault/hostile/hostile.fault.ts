import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaultyProgram, type Patch } from '../../bridge/faulty-program.ts';
import { rgovIn } from '../../bridge/running.ts';
import { isRoot, namesBelow, OUTSIDE } from '../../support/hostile-things.ts';
import { keepFigures } from '../support/figures.ts';
import { faultsOf } from './arena.ts';
import { DOCUMENTS } from './documents.ts';
import type { Door, Hostile } from './input.ts';
import { OTHERS } from './others.ts';

const LIMIT_MS = 900_000;
/** How many are tried at once: most of the time goes by with programs that start. */
const AT_ONCE = 3;
const ALL: readonly Hostile[] = [...DOCUMENTS, ...OTHERS];
const DOORS: readonly Door[] = ['documents', 'arguments', 'ingest', 'inbox', 'confirmations', 'state', 'secrets', 'answers'];
const WORDS: Record<Door, string> = {
  documents: 'declared documents: YAML bombs, patterns, conditions, schedules, paths, links',
  arguments: 'arguments of commands',
  ingest: 'foreign input (`rgov ingest`)',
  inbox: 'drops: links, pipes, devices, names, contents',
  confirmations: 'confirmations, tokens and acknowledgements',
  state: 'what stands in place of files and folders of `state/`',
  secrets: 'references to secrets',
  answers: 'answers of a receiver',
};
const tried = new Map<Door, { inputs: number; runs: number; faults: number }>();
/** What the checks must notice, each with an input by which they can. */
const PLANTED: { name: string; patches: readonly Patch[]; door: Door; inputs: string; fault: string }[] = [
  {
    name: 'text is printed as it came',
    patches: [{ file: 'src/model/text.ts', replace: ".replace(UNSAFE, '\\ufffd').toWellFormed();", by: ';' }],
    door: 'arguments',
    inputs: 'a word',
    fault: 'raw control characters',
  },
  {
    name: 'a prototype is changed',
    patches: [
      {
        file: 'src/model/json.ts',
        replace: 'value = JSON.parse(text);',
        by: "value = JSON.parse(text);\n    if (text.includes('__proto__')) Reflect.set(Object.prototype, 'polluted', true);",
      },
    ],
    door: 'ingest',
    inputs: 'cloudevents: a key __proto__',
    fault: 'a prototype is polluted',
  },
  {
    name: 'a link in place of the folder for quarantine is followed',
    patches: [
      { file: 'src/store/files.ts', replace: "links === 'refused' ? io.lstatSync(path) : io.statSync(path)", by: 'io.statSync(path)' },
      { file: 'src/store/quarantine.ts', replace: 'if (!stat || stat.isDirectory()) continue;', by: 'if (stat || !stat) continue;' },
    ],
    door: 'state',
    inputs: 'state/quarantine/today leads outside',
    fault: 'something outside of the workspace was touched',
  },
  {
    name: 'an error is not caught',
    patches: [
      {
        file: 'src/catalog/parse-yaml.ts',
        replace: 'export function parseYaml(source: Source): ParsedFile {',
        by: "export function parseYaml(source: Source): ParsedFile {\n  if (source.layer === 'workspace') throw new Error('planted');",
      },
    ],
    door: 'documents',
    inputs: 'an alias to itself',
    fault: 'exit code 70',
  },
];
const noticed: string[] = [];
let template = '';

/** A workspace in which one event has come to its end, and another one has not been looked at. */
beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), 'rgov-template-'));
  for (const [folder, file] of [
    ['policy', 'unattended-work'],
    ['profiles', 'local-file'],
    ['bindings', 'default'],
  ] as const) {
    mkdirSync(join(template, folder));
    cpSync(join(import.meta.dirname, '../../..', folder, `${file}.yaml`), join(template, folder, `${file}.yaml`));
  }
  for (const args of [['report', 'failed', '-s', 'job/victim'], ['reconcile'], ['report', 'failed', '-s', 'job/good']]) {
    const { code, stderr } = await rgovIn(template, args);
    expect(code, stderr).toBe(0);
  }
});

afterAll(() => {
  rmSync(template, { recursive: true, force: true });
  const counts = [...tried.values()];
  keepFigures('hostile', {
    title: 'Hostile inputs',
    about:
      'Each of them comes in by the way that an attacker or an accident would take, to a real process in a workspace of its own. It must end by itself with an exit code from the documented list, without a stack trace, without one raw control character in what it prints, with nothing written outside of the workspace and no prototype changed; what has nothing to do with it must come to its end.',
    command: 'npx vitest run --config vitest.fault.config.ts test/fault/hostile',
    rows: [
      ...DOORS.map((door) => ({ what: WORDS[door], value: tried.get(door)?.inputs ?? 0 })),
      { what: 'together', value: counts.reduce((sum, { inputs }) => sum + inputs, 0) },
      { what: 'runs of the program', value: counts.reduce((sum, { runs }) => sum + runs, 0) },
      { what: 'of the inputs, taken other than they must be', value: counts.reduce((sum, { faults }) => sum + faults, 0) },
      ...PLANTED.map(({ name }) => ({ what: `planted: ${name}`, value: noticed.includes(name) ? 'noticed' : 'not noticed' })),
    ],
    skipped: null,
  });
});

it('there are at least 300, each with a name of its own', () => {
  const names = ALL.map(({ door, name }) => `${door}: ${name}`);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  expect(ALL.length).toBeGreaterThanOrEqual(300);
});

describe('every hostile input is taken with grace', () => {
  it.each(DOORS)(
    '%s',
    async (door) => {
      const wanted = process.env['RGOV_FAULT_ONLY'];
      const inputs = ALL.filter(
        (hostile) => hostile.door === door && (isRoot || !hostile.name.includes('a device')) && (!wanted || hostile.name.includes(wanted)),
      );
      const faults: string[] = [];
      let next = 0;
      const lane = async (): Promise<void> => {
        for (let hostile = inputs[next++]; hostile; hostile = inputs[next++]) {
          const found = await faultsOf(hostile, template);
          faults.push(...found.map((fault) => `${hostile.name}: ${fault}`));
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, lane));
      const runs = inputs.reduce((sum, { commands }) => sum + commands.length, 0);
      tried.set(door, { inputs: inputs.length, runs, faults: new Set(faults.map((fault) => fault.split(': ')[0])).size });
      expect(faults).toEqual([]);
      expect(namesBelow(OUTSIDE), 'where links lead').toEqual(['precious']);
      expect(readFileSync(join(OUTSIDE, 'precious'), 'utf8')).toBe('precious');
    },
    LIMIT_MS,
  );
});

it.each(PLANTED)(
  'the harness fails where $name',
  async ({ name, patches, door, inputs, fault }) => {
    const faulty = new FaultyProgram(patches);
    try {
      const chosen = ALL.filter((hostile) => hostile.door === door && hostile.name.startsWith(inputs));
      const faults = (await Promise.all(chosen.map((hostile) => faultsOf(hostile, template, faulty.path)))).flat();
      expect(faults.join('\n')).toContain(fault);
      noticed.push(name);
    } finally {
      faulty.remove();
    }
  },
  LIMIT_MS,
);
