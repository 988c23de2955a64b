import { didYouMean } from '../model/text.ts';
import { type Declared, isKind, type Kind, type Located, type Path } from './document.ts';
import type { Problem } from './problem.ts';
import type { BrokenDocument } from './read-documents.ts';
import type { SenderKindInfo } from './sender-kinds.ts';

/** All valid documents, looked up by kind and name: in the workspace first, then in the package. */
export class Declarations {
  /** Documents of the workspace, and those of the package that none of the workspace shadows. */
  readonly documents: readonly Declared[];
  readonly kinds: Readonly<Record<string, SenderKindInfo>>;
  /** Names of the built-in adapters. */
  readonly adapters: readonly string[];
  readonly #byName = new Map<string, Declared | 'broken'>();

  constructor(documents: readonly Declared[], broken: readonly BrokenDocument[], { kinds, adapters }: Pick<Declarations, 'kinds' | 'adapters'>) {
    this.kinds = kinds;
    this.adapters = adapters;
    for (const layer of ['workspace', 'package'] as const) {
      const add = (kind: Kind, name: string, found: Declared | 'broken'): void => {
        const key = `${kind}/${name}`;
        // The workspace comes first. A name that is declared twice in one layer is a problem of its own; the first one counts.
        if (!this.#byName.has(key)) this.#byName.set(key, found);
      };
      for (const document of documents) if (document.source.layer === layer) add(document.kind, document.name, document);
      for (const { kind, name, layer: of } of broken) if (of === layer) add(kind, name, 'broken');
    }
    this.documents = documents.filter(
      (document) => document.source.layer === 'workspace' || this.#byName.get(`${document.kind}/${document.name}`) === document,
    );
  }

  all<K extends Kind>(kind: K): Declared<K>[] {
    return this.documents.filter((document): document is Declared<K> => isKind(document, kind));
  }

  /** The document in force under a name; null if it is missing or not valid. */
  find<K extends Kind>(kind: K, name: string): Declared<K> | null {
    const found = this.#byName.get(`${kind}/${name}`);
    return found === undefined || found === 'broken' ? null : (found as unknown as Declared<K>);
  }

  /** Whether a document of that name was declared at all, valid or not. */
  has(kind: Kind, name: string): boolean {
    return this.#byName.has(`${kind}/${name}`);
  }

  names(kind: Kind): string[] {
    return [...this.#byName.keys()].filter((key) => key.startsWith(`${kind}/`)).map((key) => key.slice(kind.length + 1));
  }
}

/** A name that nothing answers to. */
export function missing(
  document: Located,
  path: Path,
  what: string,
  name: string,
  known: readonly string[],
  code: Problem['code'] = 'missing_reference',
): Problem {
  const suggestion = didYouMean(name, known);
  return document.at(path, {
    code,
    message: `there is no ${what} "${name}"`,
    expected: known.length === 0 ? `a ${what}, but none is declared` : `one of ${[...known].sort().slice(0, 20).join(', ')}`,
    ...(suggestion === null ? {} : { suggestion }),
  });
}
