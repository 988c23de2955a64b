import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/model/artifacts.ts';
import type { Catalog } from '../../src/model/catalog.ts';
import { check } from '../../src/model/check.ts';
import { canonicalEvent, type EventDraft } from '../../src/model/event.ts';
import { eventName, fileName } from '../../src/model/names.ts';
import { asStored, publication } from '../../src/model/publication.ts';
import { decide } from '../../src/plan/decide.ts';
import { createHistory } from '../../src/plan/features/dedupe/index.ts';
import { isTest } from '../../src/plan/features/send-test/index.ts';
import { prepareForeign } from '../../src/run/record.ts';
import { catalogOf, NOON_MS, notifyRule } from '../support/world.ts';

const asked: EventDraft = {
  source: 'rgov/send-test',
  id: '1',
  type: 'notice.test',
  subject: 'target/operator',
  provenance: 'observed',
  data: { target: 'operator' },
};

/** Under a rule that is true of everything. */
function decided(parts: Partial<EventDraft> = {}, catalog: Partial<Catalog> = {}, duplicateOf: string | null = null) {
  const event: Event = canonicalEvent({ ...asked, ...parts }, NOON_MS);
  const name = eventName(event);
  const stored = asStored(name, publication('event', 'events', name, fileName.event(name), event));
  const rules = [notifyRule({ when: 'true', id: 'everything' })];
  const decision = decide({ ...stored, duplicateOf }, catalogOf({ rules, ...catalog }), { evaluate: () => true }, createHistory([]));
  expect(check('decision', decision.document)).toBeNull();
  return decision.document;
}

const notices = (parts: Partial<EventDraft>, catalog: Partial<Catalog> = {}) =>
  decided(parts, catalog).notices.map(({ pack, rule, target, requires }) => `${pack}/${rule} -> ${target}, ${requires}`);

describe('a test', () => {
  it('asks for exactly one notice, and no rule is asked', () => {
    const { rules, notices } = decided();
    expect(rules).toEqual([{ pack: 'rgov', rule: 'send-test', outcome: 'notify', reason: 'requested', notice: notices[0]?.id }]);
    expect(notices).toEqual([{ id: notices[0]?.id, pack: 'rgov', rule: 'send-test', target: 'operator', requires: 'accepted', deadline: null }]);
  });

  it('requires what the profile asks for, unless it says more or less itself', () => {
    expect(notices({}, { requires: 'seen' })).toEqual(['rgov/send-test -> operator, seen']);
    expect(notices({ data: { target: 'operator', requires: 'relayed' } }, { requires: 'seen' })).toEqual(['rgov/send-test -> operator, relayed']);
    for (const requires of ['none', 'everything', 7])
      expect(notices({ data: { target: 'operator', requires } })).toEqual(['rgov/send-test -> operator, accepted']);
  });

  it('is withheld where the profile only observes, and where it is known already', () => {
    expect(decided({}, { posture: 'observe' })).toMatchObject({ rules: [{ outcome: 'withheld', reason: 'posture_observe' }], notices: [] });
    expect(decided({}, {}, 'earlier')).toMatchObject({ rules: [{ outcome: 'withheld', reason: 'duplicate_event', detail: 'earlier' }], notices: [] });
  });

  it.each([
    ['of another source', { source: 'somebody' }],
    ['of another type', { type: 'run.failed' }],
    ['without a target', { data: {} }],
    ['whose target is no name', { data: { target: '../operator' } }],
  ] satisfies [string, Partial<EventDraft>][])('%s is an event like any other', (_, parts) => {
    expect(notices(parts)).toEqual(['unattended-work/everything -> operator, accepted']);
  });
});

it('only the built-in rule makes a notice a test', () => {
  const notice = { rule: { pack: 'rgov', id: 'send-test' }, eventType: 'notice.test' };
  expect(isTest(notice)).toBe(true);
  expect(isTest({ ...notice, rule: { pack: 'ours', id: 'send-test' } })).toBe(false);
  expect(isTest({ ...notice, eventType: 'run.failed' })).toBe(false);
});

it('nobody outside may ask for a test', () => {
  expect(prepareForeign(asked, NOON_MS, '')).toBe('the source rgov/send-test is that of rgov send-test alone');
  expect(typeof prepareForeign({ ...asked, source: 'rgov/send-tests' }, NOON_MS, '')).toBe('object');
});
