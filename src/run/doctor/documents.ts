import { RgovError } from '../../model/errors.ts';
import type { WorkspaceOptions } from '../locate.ts';
import { openLastValidWorkspace, type Workspace } from '../workspace.ts';
import { type CheckResult, fine, resultOf } from './check.ts';

/** Whether the declared documents are valid; where they are not, the ones of before are looked at further, if there are any. */
export async function checkDocuments(options: WorkspaceOptions): Promise<{ result: CheckResult; workspace: Workspace | null }> {
  try {
    const { workspace, problems } = await openLastValidWorkspace(options);
    if (problems.length === 0) {
      const { binding, profile, posture } = workspace.catalog;
      return { result: fine('documents', `binding ${binding}, profile ${profile}, posture ${posture}`), workspace };
    }
    const problem = `the declared documents are not valid (${problems.length}); rgov reconcile refuses to run, a running rgov watch goes on with those of before`;
    return { result: resultOf('documents', '', [{ problem, mend: 'rgov validate' }]), workspace };
  } catch (error) {
    if (!(error instanceof RgovError) || error.kind !== 'invalid_documents') throw error;
    return {
      result: resultOf('documents', '', [{ problem: `${error.message}: no pass can do anything`, mend: error.hint ?? 'rgov validate' }]),
      workspace: null,
    };
  }
}
