import type { Patch } from '../../bridge/faulty-program.ts';
import type { Wrong } from './life.ts';

export interface Planted {
  name: string;
  patches: readonly Patch[];
  /** Which of the checks may notice it; which one does so first depends on the moment of a cut. */
  caughtBy: readonly Wrong['check'][];
  /** Whether others at work would sync by the way what it leaves out. */
  isQuiet: boolean;
  only?: 'archiver';
}

/** Where folders are synced, after one file and after many. */
export const SYNC_ONE = '  #syncFolder(folder: string): void {';
export const SYNC_MANY = '  async #syncFolders(folders: ReadonlySet<string>): Promise<void> {';

const LOSSES: readonly Wrong['check'][] = [
  'an event is gone that an emitter was told of',
  'a receipt is gone that was told',
  'an acknowledgement is gone that was told',
  'attempt received that nobody had claimed',
];

/** Programs that promise what they have not done. None of them is noticed as long as the power stays. */
export const PLANTED: readonly Planted[] = [
  {
    name: 'the folder is not synced after a name was linked into it',
    patches: [
      { file: 'src/store/publish.ts', replace: SYNC_ONE, by: `${SYNC_ONE}\n    if (folder) return;` },
      { file: 'src/store/publish.ts', replace: SYNC_MANY, by: `${SYNC_MANY}\n    if (folders) return;` },
    ],
    caughtBy: LOSSES,
    isQuiet: true,
  },
  {
    name: 'the file is not synced before it is linked to its name',
    patches: [
      { file: 'src/store/temporaries.ts', replace: 'this.#io.fsyncSync(descriptor);', by: '' },
      { file: 'src/store/publish.ts', replace: 'await this.#syncAll(descriptors, temporaries.slice(first));', by: '' },
    ],
    caughtBy: [...LOSSES, 'an event has other content than its emitter was told of', 'a file is torn', 'link broken'],
    isQuiet: true,
  },
  {
    name: 'a drop is taken away before its events are written',
    patches: [
      {
        file: 'src/run/inbox.ts',
        replace: 'drop.bad ??= problem;\n      }',
        by: 'drop.bad ??= problem;\n      }\n      removeDrop(this.#layout.at(path), identity);',
      },
    ],
    caughtBy: ['a drop is neither waiting nor recorded'],
    isQuiet: false,
  },
  {
    name: 'what was packed away is removed before its archive is on the disk',
    patches: [
      {
        file: 'src/store/archive/publish.ts',
        replace: '    writeFully(io, descriptor, bytes);\n    io.fsyncSync(descriptor);',
        by: '    writeFully(io, descriptor, bytes);',
      },
      { file: 'src/store/archive/publish.ts', replace: '      io.fsyncSync(descriptor);\n    } finally', by: '    } finally' },
    ],
    caughtBy: ['a file is torn', 'an event is gone that an emitter was told of', 'a receipt is gone that was told'],
    isQuiet: true,
    only: 'archiver',
  },
];
