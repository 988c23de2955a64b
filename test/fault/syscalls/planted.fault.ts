import { afterAll, describe, expect, it } from 'vitest';
import { FaultyProgram, type Patch } from '../../bridge/faulty-program.ts';
import { keepFigures } from '../support/figures.ts';
import { play, type Scenario } from './enumerate.ts';
import type { Fault } from './faults.ts';
import { BATCH, FIRST_REPORT, ONE_MORE_REPORT, PLAIN_REPORT } from './scenarios.ts';
import { type Call, whyNotHere } from './shim.ts';
import { Stage } from './stage.ts';

const LIMIT_MS = 600_000;
const PUBLISH = 'src/store/publish.ts';

interface Planted {
  name: string;
  patches: Patch[];
  scenario: Scenario;
  /** Which calls fail, and how; none where a run without any fault shows it. */
  only: (call: Call, fault: Fault) => boolean;
  caughtBy: string;
}

const NOBODY_ELSES: Patch = {
  file: PUBLISH,
  replace: 'return [...folders].filter((folder) => this.#isThereAtAll(folder));',
  by: 'return [];',
};

const none = (): boolean => false;

const PLANTED: Planted[] = [
  {
    name: 'a file is not synced before it gets its name',
    patches: [{ file: 'src/store/temporaries.ts', replace: 'this.#io.fsyncSync(descriptor);', by: '' }],
    scenario: PLAIN_REPORT,
    only: none,
    caughtBy: 'recorded, and not durable',
  },
  {
    name: 'the folder of a new name is not synced',
    patches: [{ file: PUBLISH, replace: 'await this.#syncFolders(new Set([...folders, ...this.#unsyncedCauses(items)]));', by: '' }],
    scenario: BATCH,
    only: none,
    caughtBy: 'sent before its claim was durable',
  },
  {
    name: 'a folder that cannot be synced is no failure',
    patches: [{ file: PUBLISH, replace: "throw stateError('sync', folder, error);", by: 'void error;' }],
    scenario: PLAIN_REPORT,
    only: ({ name, path }, fault) => name === 'fsync' && path.startsWith('events/') && fault.name === 'EIO',
    caughtBy: 'recorded, and not durable',
  },
  {
    name: 'a short write is taken for a whole one',
    patches: [{ file: 'src/store/files.ts', replace: 'offset += written;', by: 'offset = bytes.length;' }],
    scenario: ONE_MORE_REPORT,
    only: ({ name, path }, fault) => name === 'write' && path.startsWith('.tmp/') && fault.name === 'short, then full',
    caughtBy: 'event lost',
  },
  {
    name: 'a receipt is written before its message is sent',
    patches: [
      {
        file: 'src/apply/supervisor.ts',
        replace: 'line.add(attempt);\n    this.#pump(line);',
        by: `const early = { kind: 'proved' as const, level: 'accepted' as const, reference: 'early' };
    this.#recorder.add({ attempt, outcome: early, publication: this.#deps.settle(attempt, early) });
    void this.#recorder.retry().then(() => {
      line.add(attempt);
      this.#pump(line);
    });`,
      },
    ],
    scenario: BATCH,
    only: none,
    caughtBy: 'receipt before its message',
  },
  {
    name: 'an event that is on disk already counts as durable, whoever wrote it',
    patches: [{ file: 'src/run/record.ts', replace: "status === 'known' && event !== null ? [dayOf(event)] : []", by: '[]' }],
    scenario: FIRST_REPORT,
    only: ({ name, path }, fault) => name === 'fsync' && path.startsWith('events/') && fault.name === 'EIO',
    caughtBy: 'recorded, and not durable',
  },
  {
    name: 'a drop is taken away although its event may not be durable',
    patches: [
      { file: 'src/run/inbox.ts', replace: "this.#desk.publisher.syncDays('events', this.#knownDays);", by: '' },
      // Whatever is decided of it in the same pass would sync its folder, too.
      NOBODY_ELSES,
    ],
    scenario: BATCH,
    only: ({ name, other }, fault) => name === 'link' && other.startsWith('events/') && fault.name === 'killed after',
    caughtBy: 'a drop taken away before its event is durable',
  },
  {
    name: 'what another process has enqueued counts as durable',
    patches: [NOBODY_ELSES],
    scenario: BATCH,
    only: ({ name, path }, fault) => name === 'open folder' && path.startsWith('handoffs/') && fault.name === 'EIO',
    caughtBy: 'sent before its notice was durable',
  },
  {
    name: 'a bad file is moved into quarantine before the note that says why',
    patches: [
      {
        file: 'src/store/quarantine.ts',
        replace: '|| !createNote(join(folder, name + NOTE_SUFFIX), bad, now_ms)) continue;\n      move(source, join(folder, name));',
        by: ') continue;\n      move(source, join(folder, name));\n      createNote(join(folder, name + NOTE_SUFFIX), bad, now_ms);',
      },
    ],
    scenario: BATCH,
    only: ({ name, other }, fault) => name === 'rename' && other.startsWith('quarantine/') && fault.name === 'killed after',
    caughtBy: 'quarantine lost the note',
  },
  {
    name: 'a claim that could not be made sure of is used all the same',
    patches: [
      {
        file: PUBLISH,
        replace: "throw stateError('sync', paths[descriptors.length] ?? this.#layout.root, error);",
        by: 'void error;',
      },
    ],
    scenario: BATCH,
    only: ({ name, path }, fault) => name === 'fsync' && path.startsWith('handoffs/') && fault.name === 'EIO',
    caughtBy: 'sent before its claim was durable',
  },
];

const why = whyNotHere();
const caught = new Map<string, string>();

describe.skipIf(why !== null)('the failing calls notice it where', () => {
  it.each(PLANTED.map((planted) => [planted.name, planted] as const))(
    '%s',
    async (name, { patches, scenario, only, caughtBy }) => {
      const faulty = new FaultyProgram(patches);
      const stage = await Stage.open(faulty.path);
      try {
        const { broken } = await play(stage, scenario, { only, untilBroken: true });
        expect(broken.map(({ check }) => check)).toContain(caughtBy);
        caught.set(name, caughtBy);
      } finally {
        stage.close();
        faulty.remove();
      }
    },
    LIMIT_MS,
  );
});

afterAll(() =>
  keepFigures('syscalls-planted', {
    title: 'Planted faults that failing calls must notice',
    about: 'The program is built with one thing wrong in it, and the calls concerned are made to fail as above: the check must notice.',
    command: 'npx vitest run --config vitest.fault.config.ts test/fault/syscalls/planted.fault.ts',
    rows: PLANTED.map(({ name }) => ({ what: name, value: caught.has(name) ? `caught: ${caught.get(name)}` : 'not noticed' })),
    skipped: why,
  }),
);
