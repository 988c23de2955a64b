import { sha256 } from '../model/hash.ts';
import type { ParsedDocument, ParsedFile, Place } from './parse-yaml.ts';

/** A document as it stands in the built program: its value, and for each JSON pointer where key and value start and end. */
interface PackedDocument {
  value: unknown;
  places: [pointer: string, keyStart: number, keyEnd: number, start: number, end: number][];
}

/**
 * The package's own documents as `parseYaml` has read them when the program was built, as JSON by the SHA-256 of their bytes.
 * Most of what a command waits for that loads a catalog is the reading of documents that are the same everywhere.
 * The build fills it; from the sources nothing is known, and all is read.
 */
const PARSED_AT_BUILD: Readonly<Record<string, string>> = {};

/** What is known of a file with these bytes, new on each call; null where it has to be read. */
export function parsedAtBuild(bytes: Uint8Array): ParsedFile | null {
  const json = PARSED_AT_BUILD[sha256(bytes)];
  return json === undefined ? null : unpacked(json);
}

export function unpacked(json: string): ParsedFile {
  return { documents: (JSON.parse(json) as PackedDocument[]).map(unpack), problems: [] };
}

/** What the build keeps of a file without a problem. */
export function packed(bytes: Uint8Array, { documents }: ParsedFile): [digest: string, json: string] {
  return [sha256(bytes), JSON.stringify(documents.map(pack))];
}

function pack({ value, places }: ParsedDocument): PackedDocument {
  return {
    value,
    places: [...places].map(
      ([
        pointer,
        {
          key,
          value: { start, end },
        },
      ]) => [pointer, key?.start ?? -1, key?.end ?? -1, start, end],
    ),
  };
}

function unpack({ value, places }: PackedDocument): ParsedDocument {
  const entries = places.map(([pointer, keyStart, keyEnd, start, end]): [string, Place] => [
    pointer,
    { key: keyStart < 0 ? null : { start: keyStart, end: keyEnd }, value: { start, end } },
  ]);
  return { value, places: new Map(entries) };
}
