import { parseYaml } from './parse-yaml.ts';
import { packed } from './parsed-at-build.ts';
import { Source } from './source.ts';

/** What the build keeps of the package's own documents; those with problems are left to be read and complained of each time. */
export function readAtBuild(files: readonly { name: string; bytes: Uint8Array }[]): Record<string, string> {
  const entries = files.flatMap(({ name, bytes }) => {
    const parsed = parseYaml(new Source({ name, layer: 'package', bytes, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }));
    return parsed.problems.length > 0 || parsed.documents.length === 0 ? [] : [packed(bytes, parsed)];
  });
  return Object.fromEntries(entries);
}
