import { describe, expect, it } from 'vitest';
import type { LoadedCatalog } from '../../src/catalog/load.ts';
import { load, workspaceWith } from './support.ts';

const head = (kind: string, name: string): string => `apiVersion: reporting-governance/v1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec:\n`;
const runtime = (name: string, can: string): string =>
  `${head('RuntimeCapabilities', name)}  {queue: false, handOff: false, sendDirectly: false, proveDelivery: none, blockInline: false, wakeWatcher: true, notClaimed: [all else]${can}}\n`;
const profile = (name: string, parts: string): string => `${head('Profile', name)}  {policy: [shipped], requires: acknowledged, ${parts}}\n`;
const RUNTIMES = [
  runtime('plain', ''),
  runtime('guard', ', blockInline: true').replace('blockInline: false, ', ''),
  runtime('mailer', ', sendDirectly: true, proveDelivery: accepted').replace('sendDirectly: false, proveDelivery: none, ', ''),
].join('---\n');

/** A deployment of `profile` on `runtime`; the line of its profile is the fifth one. */
function deployment(profileName: string, more = ''): string {
  return `${head('RuntimeBinding', 'main')}  profile: ${profileName}\n  state: state\n  targets: {operator: {sender: file, address: ./in}}\n${more}`;
}

function loadWith(binding: string, profiles: readonly string[] = []): Promise<LoadedCatalog> {
  const files = { 'bindings/main.yaml': binding, 'bindings/runtimes.yaml': RUNTIMES };
  // The profile of the fixture asks for a target that this binding has not.
  return load(workspaceWith({ ...files, 'profiles/base.yaml': profiles.join('---\n') || profile('base', 'posture: observe') }));
}

const said = ({ problems }: LoadedCatalog): unknown[] =>
  problems.map(({ code, file, line, column, message, expected }) => ({ code, at: `${file}:${line}:${column}`, message, expected }));

const GUARDED = profile('guarded', 'posture: enforce, needs: {blockInline: true}');

describe('a profile that needs what a runtime must do', () => {
  it('is taken on a runtime that does it', async () => {
    const loaded = await loadWith(deployment('guarded', '  runtime: guard\n'), [GUARDED]);
    expect(said(loaded)).toEqual([]);
    expect(loaded.catalog?.profile).toBe('guarded');
  });

  it('is refused on another one, with what that cannot do and the nearest profile that fits', async () => {
    const loaded = await loadWith(deployment('guarded', '  runtime: plain\n'), [GUARDED, profile('looser', 'posture: notify')]);
    expect(loaded.catalog).toBeNull();
    expect(said(loaded)).toEqual([
      {
        code: 'runtime_cannot',
        at: 'bindings/main.yaml:5:12',
        message: 'the profile "guarded" asks for what the runtime "plain" cannot do: block an action inline (blockInline)',
        expected: 'the nearest profile that fits, "looser", which gives up blockInline, posture enforce',
      },
    ]);
  });

  it('names everything that is missing at once', async () => {
    const wants = profile('wants', 'posture: notify, needs: {queue: true, sendDirectly: true, proveDelivery: delivered, wakeWatcher: true}');
    const onPlain = (await loadWith(deployment('wants', '  runtime: plain\n'), [wants])).problems[0];
    expect(onPlain?.message).toContain(
      'cannot do: keep work for later (queue); send by itself (sendDirectly); prove that what it sends is delivered (proveDelivery: none)',
    );
    const onMailer = (await loadWith(deployment('wants', '  runtime: mailer\n'), [wants])).problems[0];
    expect(onMailer?.message).toContain('cannot do: keep work for later (queue); prove that what it sends is delivered (proveDelivery: accepted)');
  });

  it('is refused where the binding does not say what it runs on', async () => {
    expect(said(await loadWith(deployment('guarded'), [GUARDED]))).toMatchObject([
      { code: 'runtime_not_named', at: 'bindings/main.yaml:5:12', expected: 'runtime: guard' },
    ]);
  });

  it('asks for proof only of a runtime that sends', async () => {
    const odd = profile('odd', 'posture: notify, needs: {proveDelivery: accepted}');
    expect(said(await loadWith(deployment('odd', '  runtime: mailer\n'), [odd]))).toMatchObject([
      { code: 'wrong_combination', message: 'proveDelivery says nothing without sendDirectly: what another sender sends is proved by that sender' },
    ]);
  });
});

describe('the nearest profile', () => {
  const nearest = async (asked: string, ...others: string[]): Promise<string | undefined> =>
    (await loadWith(deployment('asked', '  runtime: plain\n'), [profile('asked', asked), ...others])).problems[0]?.expected;
  const asked = 'posture: enforce, needs: {blockInline: true}, binding: {targets: [operator]}';

  it('is the one that gives up the fewest things', async () => {
    const targets = 'binding: {targets: [operator]}';
    const watching = profile('a-watching', `posture: observe, ${targets}`);
    const enforcing = profile('z-enforcing', `posture: enforce, ${targets}`);
    expect(await nearest(asked, watching, enforcing)).toBe('the nearest profile that fits, "z-enforcing", which gives up blockInline');
  });

  it('is then the strongest that remains, then the one that asks for the least beyond, then the first by name', async () => {
    const same = 'binding: {targets: [operator]}';
    const observing = profile('a-observing', `posture: observe, ${same}`);
    const notifying = profile('d-notifying', `posture: notify, ${same}`);
    const twin = profile('e-notifying', `posture: notify, ${same}`);
    const demanding = profile('b-demanding', `posture: notify, ${same}, needs: {wakeWatcher: true}`);
    const gives = 'which gives up blockInline, posture enforce';
    expect(await nearest(asked, observing, twin, notifying, demanding)).toBe(`the nearest profile that fits, "d-notifying", ${gives}`);
  });

  it('is one that this binding does for, if there is any', async () => {
    const strict = profile('a-strict', 'posture: enforce, binding: {targets: [operator, boss]}');
    const loose = profile('loose', 'posture: notify, binding: {targets: [operator]}');
    expect(await nearest(asked, strict, loose)).toContain('"loose"');
    expect(await nearest(asked, strict)).toContain('"shipped"');
  });
});

describe('a runtime', () => {
  it('that nobody has described is a slip', async () => {
    expect((await loadWith(deployment('shipped', '  runtime: gaurd\n'))).problems).toMatchObject([
      { code: 'missing_reference', line: 8, column: 12, suggestion: 'guard' },
    ]);
  });

  it('that is a sender itself proves no more than it can', async () => {
    const wired = (ceiling: string): string =>
      `${head('RuntimeBinding', 'main')}  profile: shipped\n  runtime: chat\n  state: state\n  targets: {operator: {sender: way}}\n  senders: {way: {use: webhook, ceiling: ${ceiling}, with: {url: "https://x.example/"}}}\n`;
    const chat = runtime('chat', ', sendDirectly: true, sender: webhook').replace('sendDirectly: false, ', '');
    expect((await loadWith(`${wired('accepted')}---\n${chat}`)).problems).toMatchObject([{ code: 'ceiling_not_provable', line: 9 }]);
    expect((await loadWith(`${wired('none')}---\n${chat}`)).problems).toEqual([]);
  });

  it('is a sender only if it sends, and one that there is', async () => {
    const described = async (can: string): Promise<unknown> =>
      (await loadWith(`${deployment('shipped')}---\n${runtime('odd', can)}`)).problems.map(({ code, suggestion }) => [code, suggestion]);
    expect(await described(', sender: webhook')).toEqual([['wrong_combination', undefined]]);
    expect(await described(', sender: webhok')).toEqual([['unknown_sender_kind', 'webhook']]);
  });

  it('that cannot block inline is no reason to refuse gates that scripts ask, but is said', async () => {
    const gates = `${head('PolicyPack', 'gated')}  gates: [{id: hold, action: 'action == "deploy"', requires: {evidence: acknowledged, within: 1d}}]\n`;
    const enforcing = profile('enforcing', 'posture: enforce').replace('[shipped]', '[shipped, gated]');
    const on = (name: string): Promise<LoadedCatalog> => loadWith(deployment('enforcing', `  runtime: ${name}\n`), [enforcing, gates]);
    expect(await on('guard')).toMatchObject({ problems: [], warnings: [] });
    expect(await on('plain')).toMatchObject({
      problems: [],
      warnings: [{ file: 'bindings/main.yaml', line: 8, message: expect.stringContaining('hold only what asks rgov gate before it acts') }],
    });
  });
});

it('a binding without what the profile demands of it is refused', async () => {
  const strict = profile('strict', 'posture: notify, binding: {supplies: [schedule, sources]}');
  expect(said(await loadWith(deployment('strict', '  schedule: {every: 5m}\n'), [strict]))).toMatchObject([
    { code: 'contract_unmet', at: 'bindings/main.yaml:4:1', message: 'the profile "strict" demands "sources" of a binding, and this one has none' },
  ]);
});
