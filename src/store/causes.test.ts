import { expect, it } from 'vitest';
import type { ArtifactKind } from '../model/artifacts.ts';
import type { Publication } from '../model/publication.ts';
import { Causes } from './causes.ts';

const DAY = '2026-11-22';

/** An artifact that names others as its causes, by their paths. */
const artifact = (kind: ArtifactKind, path: string, ...causes: string[]): Publication => {
  const document = Object.fromEntries(causes.map((cause, i) => [`cause${i}`, { path: cause, sha256: '0'.repeat(64) }]));
  return { kind, stage: 'events', day: DAY, file: '', bytes: '', link: { path, sha256: '' }, document: document as never };
};

const stages = (causes: Causes, ...items: Publication[]): string[] => causes.unsynced(items).map(({ stage, day }) => `${stage}/${day}`);

it('what rests on something that somebody else has written needs the folders of everything before it', () => {
  const causes = new Causes();
  expect(stages(causes, artifact('event', 'e'))).toEqual([]);
  expect(stages(causes, artifact('decision', 'd', 'e'))).toEqual([`events/${DAY}`]);
  expect(stages(causes, artifact('receipt', 'r', 'n', 'h'))).toEqual(['events', 'decisions', 'queue', 'handoffs'].map((stage) => `${stage}/${DAY}`));
});

it('what is written together, or was seen to before, needs none of them again; the next one of others does', () => {
  const causes = new Causes();
  const decision = artifact('decision', 'd', 'e');
  const notice = artifact('notice', 'n', 'e', 'd');
  expect(stages(causes, artifact('event', 'e'), decision, notice)).toEqual([]);
  causes.areDurable([decision, notice]);
  expect(stages(causes, artifact('handoff', 'h', 'n'))).toEqual([]);
  expect(stages(causes, artifact('decision', 'd', 'e'))).toEqual([]);
  expect(stages(causes, artifact('decision', 'other', 'event of somebody else'))).toEqual([`events/${DAY}`]);
});
