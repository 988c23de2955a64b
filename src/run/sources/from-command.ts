import { oneLine, truncate } from '../../model/text.ts';
import { runChild } from '../child.ts';
import { failed, type Heard, heard, MAX_ANSWER_BYTES } from './heard.ts';

const MAX_COMPLAINT = 300;

/**
 * What a program of the operator's prints. It starts in the workspace with the environment of this process: what it needs to find the
 * runtime (`KUBECONFIG`, `OPENCLAW_STATE_DIR`) is its own affair.
 */
export async function hearCommand(argv: readonly string[], workspace: string, limit_ms: number, cut: AbortSignal): Promise<Heard> {
  const env = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
  const end = await runChild(argv, { cwd: workspace, env, limit_ms, cut, maxOutput_bytes: MAX_ANSWER_BYTES });
  if (end.isTooLong) return failed(`${argv[0]} printed more than ${MAX_ANSWER_BYTES} bytes`);
  switch (end.how) {
    case 'exited':
      return end.status === 0 ? heard(end.output) : failed(`${argv[0]} exited with ${end.status}${complaintOf(end.complaint)}`);
    case 'not_started':
      return failed(`${argv[0]} could not be started (${end.code})`);
    case 'killed':
      return failed(`${argv[0]} was killed by ${end.by}${complaintOf(end.complaint)}`);
    case 'timed_out':
      return failed(`${argv[0]} did not answer within its time limit`);
  }
}

function complaintOf(text: string): string {
  const said = truncate(oneLine(text.trim()), MAX_COMPLAINT);
  return said === '' ? '' : `: ${said}`;
}
