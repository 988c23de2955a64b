import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ADAPTERS } from '../../src/adapters/registry.generated.ts';
import { documentOf, expectSound, HARNESSES, type Harness, translate } from './adapters/harness.ts';
import { HOSTILE_TEXTS, HOSTILE_VALUES, mutated, placesIn, stepArbitrary } from './adapters/mutations.ts';

/** Places of one sample that are tried with every hostile value. */
const PLACES_MAX = 60;

describe.each(Object.entries(ADAPTERS))('the adapter %s', async (name, load) => {
  const adapter = await load();
  const harness = HARNESSES[name] as Harness;

  test.skipIf(harness?.inLines !== undefined)('survives a hostile value in any place of a sample', () => {
    for (const sample of harness.samples) {
      const document = documentOf(sample);
      const untouched = new Set(adapter.translate(sample.bytes).events.map((draft) => JSON.stringify(draft)));
      const places = placesIn({ document }).length;
      // Large samples repeat themselves: an odd stride visits every field of some task, not every task.
      const stride = places > PLACES_MAX ? Math.ceil(places / PLACES_MAX) | 1 : 1;
      for (let at = 0; at < places; at += stride) {
        for (const value of HOSTILE_VALUES) {
          const input = (mutated({ document }, [{ at: at + 1, how: 'replace', value, key: '' }]) as { document: unknown }).document;
          const drafts = adapter.translate(Buffer.from(JSON.stringify(input))).events;
          for (const draft of drafts.filter((one) => !untouched.has(JSON.stringify(one)))) {
            expectSound(draft);
            expect(harness.follows(draft, input)).toBeNull();
          }
        }
      }
    }
  });

  test.skipIf(harness?.inLines !== undefined)('survives any mutation of a sample, and says nothing that the mutated input does not say', () => {
    let translated = 0;
    fc.assert(
      fc.property(fc.constantFrom(...harness.samples), fc.array(stepArbitrary(harness?.words), { minLength: 1, maxLength: 8 }), (sample, steps) => {
        const document = mutated(documentOf(sample), steps);
        const drafts = translate(adapter, Buffer.from(JSON.stringify(document) ?? 'null'));
        // What was read is what was written: -0 and NaN are not JSON.
        const input = JSON.parse(JSON.stringify(document) ?? 'null');
        for (const draft of drafts) expect(harness.follows(draft, input)).toBeNull();
        translated += drafts.length;
      }),
      { numRuns: 1000 },
    );
    // Else the mutations only ever produced rejections, and this test said nothing.
    expect(translated).toBeGreaterThan(250);
  });

  test.runIf(harness?.inLines !== undefined)(
    'survives lines that were changed, moved, doubled or lost, and says nothing that they do not say',
    () => {
      const edit = fc.record({
        at: fc.nat(),
        to: fc.nat(),
        how: fc.constantFrom('lose', 'double', 'move', 'value', 'value'),
        value: fc.oneof(fc.constantFrom(...HOSTILE_TEXTS, ...(harness?.words ?? [])), fc.string({ unit: 'binary' })),
      });
      const mark = harness?.inLines ?? ': ';
      const valueOnLine = new RegExp(`${mark.trim()}.*|$`);
      let translated = 0;
      fc.assert(
        fc.property(fc.constantFrom(...(harness?.samples ?? [])), fc.array(edit, { minLength: 1, maxLength: 6 }), (sample, edits) => {
          const lines = Buffer.from(sample.bytes).toString().split('\n');
          for (const { at, to, how, value } of edits) {
            const [line = ''] = lines.splice(at % lines.length, how === 'double' ? 0 : 1);
            if (how === 'value')
              lines.splice(
                at % (lines.length + 1),
                0,
                line.replace(valueOnLine, () => `${mark}${value}`),
              );
            else if (how !== 'lose') lines.splice(to % (lines.length + 1), 0, how === 'double' ? (lines[at % lines.length] ?? '') : line);
          }
          const input = Buffer.from(lines.join('\n'));
          for (const draft of translate(adapter, input)) expect(harness?.follows(draft, input)).toBeNull();
          const { events, confirmations = [] } = adapter.translate(input);
          translated += events.length + confirmations.length;
        }),
        { numRuns: 2000 },
      );
      expect(translated).toBeGreaterThan(250);
    },
  );

  test('survives bytes that were changed, cut or repeated', () => {
    const edit = fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.nat(40) });
    fc.assert(
      fc.property(fc.constantFrom(...harness.samples), fc.array(edit, { minLength: 1, maxLength: 5 }), (sample, edits) => {
        let bytes = Buffer.from(sample.bytes);
        for (const { at, byte, cut } of edits) {
          const start = at % bytes.length;
          bytes = Buffer.concat([bytes.subarray(0, start), Buffer.of(byte), bytes.subarray(start + cut)]);
        }
        translate(adapter, bytes);
      }),
      { numRuns: 500 },
    );
  });
});
