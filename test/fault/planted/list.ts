import type { Patch } from '../../bridge/faulty-program.ts';

/** Something wrong that could stand in the sources, and the check that must not let it pass. */
export interface Planted {
  id: string;
  /** What is wrong, in words. */
  wrong: string;
  patches: Patch[];
  /** The test that must fail. */
  caughtBy: { file: string; test: string };
}

const PUBLISH = 'src/store/publish.ts';
const SETTLE = 'src/plan/settle.ts';
const SUPERVISOR = 'src/apply/supervisor.ts';
const CLAIMED_ONCE = 'test/bridge/claimed-once.test.ts';
const golden = (test: string): Planted['caughtBy'] => ({ file: 'test/cases/cases.test.ts', test: `golden cases ${test}` });

export const PLANTED: readonly Planted[] = [
  {
    id: 'overwrite-instead-of-link',
    wrong: 'an artifact is renamed into its place, over whatever is there',
    patches: [
      {
        file: PUBLISH,
        replace: 'try {\n      this.#io.linkSync(temporary, path);',
        by: 'try {\n      this.#io.renameSync(temporary, path);',
      },
    ],
    caughtBy: {
      file: 'test/fault/publish.long.test.ts',
      test: 'a name that stands for other content is never overwritten, whatever fails on the way',
    },
  },
  {
    id: 'failed-sync-passes',
    wrong: 'a file whose sync failed gets its name all the same',
    patches: [{ file: PUBLISH, replace: "if (error) throw stateError('sync', paths[i] as string, error);", by: 'void [error, i];' }],
    caughtBy: { file: 'test/fault/publish.long.test.ts', test: 'an error of any sync means that nothing is reported as created' },
  },
  {
    id: 'receipt-outlives-handoff',
    wrong: 'the handoff that a receipt rests on is not synced with it',
    patches: [{ file: 'src/store/causes.ts', replace: '  receipt: BEFORE_RECEIPTS,\n', by: '' }],
    caughtBy: { file: 'test/fault/causes.test.ts', test: 'the handoff that a receipt rests on, and all before it, is made durable with the receipt' },
  },
  {
    id: 'repeats-in-doubt',
    wrong: 'an attempt that may have got through is repeated to a receiver that would tell a person twice',
    patches: [{ file: SETTLE, replace: 'return attempt.sender.idempotent && attemptsLeft(attempt)', by: 'return attemptsLeft(attempt)' }],
    caughtBy: golden('ambiguous-is-not-repeated'),
  },
  {
    id: 'claims-what-it-has-in-hand',
    wrong: 'an attempt that is under way is claimed once more by the same process, and then taken for one that nobody makes',
    patches: [{ file: SUPERVISOR, replace: 'if (this.hasInHand(attempt.notice.name)) return this.#underWay();\n', by: '\n' }],
    caughtBy: {
      file: CLAIMED_ONCE,
      test: 'an attempt that is under way here is not claimed once more for a plan that is older than its claim',
    },
  },
  {
    id: 'holds-what-it-has-in-hand',
    wrong: 'an attempt that got its turn while it was planned anew is put in line once more',
    patches: [{ file: SUPERVISOR, replace: 'if (this.hasInHand(step.attempt.notice.name)) return', by: 'if (step.attempt.number < 0) return' }],
    caughtBy: { file: CLAIMED_ONCE, test: 'what waited for its turn and got it while it was planned anew is not forgotten by that' },
  },
  {
    id: 'forgets-retry-after',
    wrong: 'what a receiver asks to wait counts for nothing',
    patches: [{ file: 'src/plan/backoff.ts', replace: 'Math.min(retryAfter_ms, RETRY_AFTER_MAX_MS)', by: '0' }],
    caughtBy: golden('retry-after-is-honoured'),
  },
  {
    id: 'acks-without-evidence',
    wrong: 'a notice is acked by less evidence than it requires',
    patches: [{ file: SETTLE, replace: 'return reaches(claim, notice.document.requires)', by: "return reaches(claim, 'accepted')" }],
    caughtBy: golden('evidence-below-requirement'),
  },
  {
    id: 'believes-above-ceiling',
    wrong: 'a sender is believed above its ceiling',
    patches: [{ file: SETTLE, replace: 'const claim = lower(outcome.level, ceiling);', by: 'const claim = outcome.level;' }],
    caughtBy: golden('claim-above-ceiling'),
  },
  {
    id: 'dedupes-across-subjects',
    wrong: 'a failure of one job is withheld because another one has failed',
    patches: [
      { file: 'src/plan/features/dedupe/index.ts', replace: 'JSON.stringify([pack, rule, key])', by: 'JSON.stringify([pack, rule, key === key])' },
    ],
    caughtBy: golden('dedupe-within-window'),
  },
  {
    id: 'deadline-off',
    wrong: 'nobody is told that a notice has missed its deadline',
    patches: [{ file: 'src/plan/promises/index.ts', replace: 'if (deadline !== null) broken.push', by: 'if (deadline === undefined) broken.push' }],
    caughtBy: golden('escalation-over-two-targets'),
  },
  {
    id: 'bounce-unsaid',
    wrong: 'nobody is told that a notice is blocked',
    patches: [
      {
        file: 'src/plan/promises/index.ts',
        replace: "if (receipt?.document.status === 'blocked') broken.push",
        by: 'if (receipt === undefined) broken.push',
      },
    ],
    caughtBy: golden('bounced-notice'),
  },
  {
    id: 'observe-sends',
    wrong: 'a profile that only observes sends',
    patches: [
      { file: 'src/plan/decide.ts', replace: "if (catalog.posture === 'observe') return withheld(rule, 'posture_observe');", by: '' },
      {
        file: 'src/plan/dispatch.ts',
        replace: "  if (catalog.posture === 'observe') return wait(notice, 'posture_observe', null);\n  const due_ms",
        by: '  const due_ms',
      },
    ],
    caughtBy: golden('observe-posture'),
  },
  {
    id: 'status-ignores-blocked',
    wrong: 'status is calm although a notice is blocked',
    patches: [{ file: 'src/run/status.ts', replace: 'return [blocked, pending, overdue,', by: 'return [pending, overdue,' }],
    caughtBy: { file: 'test/status/needs-human.test.ts', test: 'each of these alone needs a human: blocked' },
  },
  {
    id: 'accepts-other-bytes',
    wrong: 'an artifact that links to bytes which are not there any more is fine',
    patches: [
      {
        file: 'src/run/verify/links.ts',
        replace: 'else if (actual !== undefined && actual !== link.sha256) {',
        by: 'else if (actual === link.path) {',
      },
    ],
    caughtBy: { file: 'test/verify/tampering.long.test.ts', test: 'files and links one more space at the end' },
  },
  {
    id: 'sealed-day-grows',
    wrong: 'an artifact is added to a day that is sealed',
    patches: [{ file: 'src/store/closed-days.ts', replace: 'return closing > sealed ? closing : sealed;', by: "return closing > sealed ? '' : '';" }],
    caughtBy: { file: 'test/seals/sealing.test.ts', test: 'a sealed day takes no artifact any more, from nobody' },
  },
  {
    id: 'seals-unsettled',
    wrong: 'a day is sealed although something in it is not settled',
    patches: [{ file: 'src/store/seal-due.ts', replace: 'memory?.settled ? dayTimes', by: 'memory ? dayTimes' }],
    caughtBy: {
      file: 'test/seals/sealing.test.ts',
      test: 'a day that is over and settled is not sealed while a notice waits to be tried again, and nothing after it is',
    },
  },
  {
    id: 'seal-forgets-one-before',
    wrong: 'a seal does not name the seal before it',
    patches: [
      {
        file: 'src/store/seal-day.ts',
        replace: 'if (last !== undefined && bytes !== null) previous =',
        by: 'if (last === undefined && bytes !== null) previous =',
      },
    ],
    caughtBy: {
      file: 'test/seals/sealing.test.ts',
      test: 'a day that is over and settled is sealed after a day of the year before, and names its seal by its hash; days without artifacts have none',
    },
  },
  {
    id: 'removes-unchecked',
    wrong: 'the loose files of a day are removed although what came back of their archive is not what its seal says',
    patches: [{ file: 'src/store/archive/day.ts', replace: 'if (wrong.length > 0) return { ...nothingDone, faults: wrong };', by: '' }],
    caughtBy: {
      file: 'test/archive/crash.long.test.ts',
      test: 'before the first loose file is removed what came back from the disk is compared with the seal',
    },
  },
  {
    id: 'follows-links',
    wrong: 'a symbolic link in place of an artifact is followed',
    patches: [
      {
        file: 'src/store/files.ts',
        replace: 'constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY',
        by: 'constants.O_RDONLY | constants.O_NONBLOCK',
      },
    ],
    caughtBy: { file: 'test/hostile/state-tree.long.test.ts', test: "in place of a file in events 'a dangling link' stops nothing else" },
  },
  {
    id: 'quarantine-overwrites',
    wrong: 'a bad file is moved over another one of the same name in quarantine',
    patches: [
      {
        file: 'src/store/quarantine.ts',
        replace: 'if (exists(join(folder, name)) || !createNote(join(folder, name + NOTE_SUFFIX), bad, now_ms)) continue;',
        by: 'createNote(join(folder, name + NOTE_SUFFIX), bad, now_ms);',
      },
    ],
    caughtBy: { file: 'test/hostile/quarantine.test.ts', test: 'quarantine keeps every file of the same name, each with its own note' },
  },
  {
    id: 'shows-secrets',
    wrong: 'what a receiver echoes of a secret is written down',
    patches: [
      {
        file: 'src/senders/attempt-secrets.ts',
        replace: 'return spellings.reduce((rest, spelling) => rest.replaceAll(spelling, MARK), text);',
        by: 'return spellings.length < 0 ? MARK : text;',
      },
    ],
    caughtBy: { file: 'src/senders/attempt-secrets.test.ts', test: 'takes a secret out as it is' },
  },
  {
    id: 'last-word-of-json-wins',
    wrong: 'a key that stands twice in a document counts as its last one',
    patches: [{ file: 'src/model/json.ts', replace: 'if (keys.has(key)) return', by: 'if (keys.size < 0) return' }],
    caughtBy: { file: 'src/model/json.test.ts', test: String.raw`parseStrict "{\"a\":1,\"a\":2}" is duplicate_key` },
  },
];
