import { messageOf, RgovError } from '../../model/errors.ts';
import type { WorkspaceOptions } from '../locate.ts';
import type { Problem } from '../validate.ts';
import { openUnchangedWorkspace, openWorkspace, type Workspace } from '../workspace.ts';
import type { Fact } from './facts.ts';

type Found = { kind: 'same' } | { kind: 'other'; workspace: Workspace } | { kind: 'invalid'; fact: Extract<Fact, { fact: 'documents_invalid' }> };

/** Compares the declared documents with those in force. */
export class Reloader {
  readonly #options: WorkspaceOptions;
  /** What was wrong with them when they were last looked at. */
  #complaint: string | null = null;

  constructor(options: WorkspaceOptions) {
    this.#options = options;
  }

  /** `invalid` is said once for each different complaint; `other` is said, too, when the documents are valid again as they were. */
  async look(inForce: Workspace): Promise<Found> {
    try {
      const workspace = openUnchangedWorkspace(this.#options) ?? (await openWorkspace(this.#options));
      if (workspace.catalog.digest === inForce.catalog.digest && this.#complaint === null) return { kind: 'same' };
      this.#complaint = null;
      return { kind: 'other', workspace };
    } catch (error) {
      const fact = asFact(error);
      const complaint = JSON.stringify(fact);
      if (complaint === this.#complaint) return { kind: 'same' };
      this.#complaint = complaint;
      return { kind: 'invalid', fact };
    }
  }
}

function asFact(error: unknown): Extract<Fact, { fact: 'documents_invalid' }> {
  const isAboutDocuments = error instanceof RgovError && error.kind === 'invalid_documents' && Array.isArray(error.details);
  const problems = isAboutDocuments ? (error.details as Problem[]) : [];
  return {
    fact: 'documents_invalid',
    message: messageOf(error).replace(/; nothing was done$/, ''),
    problems: problems.map(({ file, line, column, code, message }) => ({ file, line, column, code, message })),
  };
}
