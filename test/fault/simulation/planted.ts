/** A change of one source file; what it replaces must stand there exactly once. */
export interface Patch {
  file: string;
  replace: string;
  by: string;
}

/** Something wrong with the program, planted to see that the simulation notices. */
export interface Planted {
  name: string;
  patches: Patch[];
  /** How the violations begin that may tell of it. */
  caughtBy: string[];
  /** Looked for among harsh schedules: on a disk that keeps names in no order it shows far sooner. */
  isHarsh?: boolean;
}

const PUBLISH = 'src/store/publish.ts';

export const PLANTED: Planted[] = [
  {
    name: 'folders are not synced after many files',
    patches: [{ file: PUBLISH, replace: 'await this.#syncFolders(new Set([...folders, ...this.#unsyncedCauses(items)]));', by: '' }],
    caughtBy: ['not durable', 'lost', 'link', 'unclaimed'],
  },
  {
    name: 'the folder is not synced after one file',
    patches: [{ file: PUBLISH, replace: '    this.#syncFolder(folder);\n    for (const path of', by: '    for (const path of' }],
    caughtBy: ['not durable', 'lost', 'link', 'orphan'],
  },
  {
    name: 'files are not synced before they are linked',
    patches: [{ file: PUBLISH, replace: 'await this.#syncAll(descriptors, temporaries.slice(first));', by: '' }],
    caughtBy: ['not durable', 'lost', 'quarantine', 'unreadable'],
  },
  {
    name: 'a sync that failed is tried again, and believed',
    patches: [
      {
        file: PUBLISH,
        replace: 'this.#io.fsync(descriptor, (error) => done(i, error))',
        by: 'this.#io.fsync(descriptor, (error) => (error ? this.#io.fsync(descriptor, (again) => done(i, again)) : done(i, null)))',
      },
    ],
    caughtBy: ['not durable', 'lost', 'quarantine', 'unreadable'],
  },
  {
    name: 'what somebody else has linked is not synced with what is built on it',
    patches: [
      { file: PUBLISH, replace: 'new Set([...folders, ...this.#unsyncedCauses(items)])', by: 'new Set(folders)' },
      { file: PUBLISH, replace: "for (const path of this.#unsyncedCauses([{ chain: '', publication }])) this.#syncFolder(path);", by: '' },
    ],
    // What a power cut tears is moved aside and derived again: then something was sent of which there is no claim.
    caughtBy: ['orphan', 'link', 'lost', 'unclaimed'],
  },
  {
    name: 'an emitter is told that an event is known before it is durable',
    patches: [
      {
        file: 'src/run/record.ts',
        replace: "results.flatMap(({ status, event }) => (status === 'known'",
        by: "results.flatMap(({ status, event }) => (status === 'rejected'",
      },
    ],
    caughtBy: ['lost'],
    isHarsh: true,
  },
  {
    name: 'what is there is overwritten',
    patches: [
      {
        file: PUBLISH,
        replace: '  #linkOnce(temporary: string, folder: string, path: string): void {\n    try {\n      this.#io.linkSync(temporary, path);',
        by: '  #linkOnce(temporary: string, folder: string, path: string): void {\n    try {\n      this.#io.renameSync(temporary, path);',
      },
    ],
    caughtBy: ['immutable'],
  },
  {
    name: 'a claim is granted twice: a handoff that is there already counts as created',
    patches: [
      {
        file: PUBLISH,
        replace: "(isErrno(error, 'EEXIST') ? 'same' : 'created') : 'differs';",
        by: "(isErrno(error, 'EEXIST') ? 'same' : 'created') : publication.kind === 'handoff' ? 'created' : 'differs';",
      },
    ],
    caughtBy: ['unclaimed', 'twice'],
  },
  {
    name: 'an attempt begins before its claim is written',
    patches: [
      {
        file: 'src/apply/index.ts',
        replace: 'const results = await publisher.publishAll(now);',
        by: 'for (const step of now) if (isClaiming(step)) supervisor.begin(step.attempt);\n    const results = await publisher.publishAll(now);',
      },
      {
        file: 'src/apply/index.ts',
        replace: "if (results[i] === 'created') supervisor.begin(step.attempt);\n      else supervisor.release(step.attempt);",
        by: '',
      },
    ],
    caughtBy: ['unclaimed', 'not durable'],
  },
  {
    name: 'a receipt is written before sending',
    patches: [
      {
        file: 'src/apply/supervisor.ts',
        replace: 'line.add(attempt);',
        by: `const early = { kind: 'proved' as const, level: 'accepted' as const, reference: 'early' };
    this.#recorder.add({ attempt, outcome: early, publication: this.#deps.settle(attempt, early) });
    line.add(attempt);`,
      },
    ],
    caughtBy: ['dishonest'],
  },
  {
    name: 'what may have gone out is sent again although the receiver shows it twice',
    patches: [
      { file: 'src/plan/settle.ts', replace: 'return attempt.sender.idempotent && attemptsLeft(attempt)', by: 'return attemptsLeft(attempt)' },
    ],
    caughtBy: ['twice'],
  },
  {
    name: 'an attempt of a dead owner counts as not sent',
    patches: [
      {
        file: 'src/plan/dispatch.ts',
        replace: "settle(attempt, { kind: 'indeterminate', reason }",
        by: "settle(attempt, { kind: 'retryable', reason }",
      },
    ],
    caughtBy: ['dishonest', 'twice'],
  },
  {
    name: 'a deferral is overlooked',
    patches: [{ file: 'src/store/load.ts', replace: 'if (deferred) last.deferral =', by: 'if (deferred && attempt > 9) last.deferral =' }],
    caughtBy: ['unsettled', 'endless', 'undecided'],
  },
  {
    name: 'a receipt says more than was proved',
    patches: [{ file: 'src/plan/settle.ts', replace: 'const claim = lower(outcome.level, ceiling);', by: 'const claim = ceiling;' }],
    caughtBy: ['dishonest'],
  },
  {
    name: 'a receipt names other bytes than those of its handoff',
    patches: [
      {
        file: 'src/plan/settle.ts',
        replace: 'handoff,\n    revision,',
        by: "handoff: handoff && { ...handoff, sha256: '0'.repeat(64) },\n    revision,",
      },
    ],
    caughtBy: ['link'],
  },
  {
    name: 'a decision whose notices are not all there counts as complete',
    patches: [{ file: 'src/store/load.ts', replace: 'if (missing.length === 0) {', by: 'if (missing.length >= 0) {' }],
    caughtBy: ['lost'],
  },
];
