import { spawn } from 'node:child_process';

/** The tool by which an agent speaks to a human. Without it nobody could ever report what keeps a gate closed. */
const REPORTING_TOOL = 'message';
const MAX_ANSWER_BYTES = 1024 * 1024;
const MAX_REASON = 1_500;
/** What the program needs to start, and what leads a self-test to its own workspace; the gateway's own environment holds tokens. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'RGOV_GATE_SELF_TEST'];

/**
 * OpenClaw's hook before a tool: nothing where the tool may run, else `{block, blockReason}`. Never throws.
 * `settings` is `{command, posture, timeLimitMs}`.
 */
export async function mayRun(event, context, settings, log) {
  if (event.toolName === REPORTING_TOOL) return undefined;
  const said = await ask(event, context, settings);
  if (said.why !== undefined) {
    if (settings.posture === 'notify' || settings.posture === 'observe') {
      log?.warn?.(`no answer from rgov gate (posture ${settings.posture}, so the tool runs): ${said.why}`);
      return undefined;
    }
    return blocked(`nobody can tell whether this may run: ${said.why}`, ['rgov doctor']);
  }
  return said.answer.open ? undefined : blocked(wordsFor(said.answer), said.answer.hints);
}

/** @returns `{answer}` as `rgov gate --json` prints it, or `{why}` there is none. */
async function ask({ toolName, params }, context, { command, timeLimitMs }) {
  const [program, ...first] = command;
  if (program === undefined) return { why: 'the plugin is not configured' };
  let input;
  try {
    input = JSON.stringify(params ?? {});
  } catch {
    return { why: 'the parameters of the tool are no JSON' };
  }
  const args = [...first, 'gate', `--subject=${subjectOf(context)}`, '--action=tool', `--tool=${toolName}`, '--input=-', '--json'];
  const end = await run(program, args, input, timeLimitMs, context?.abortSignal);
  if (end.why !== undefined) return end;
  const answer = parse(end.stdout);
  if ((end.code === 0 || end.code === 1) && answer !== null && answer.open === (end.code === 0)) return { answer };
  return { why: `rgov gate ended with ${end.code}` };
}

/** The agent as the adapter `openclaw` names it. */
function subjectOf(context) {
  const agent = context?.agentId;
  return typeof agent === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(agent) ? `agent/${agent}` : 'agent/unnamed';
}

function run(program, args, input, limit_ms, signal) {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve({ why: 'the tool call was cancelled' });
      return;
    }
    const env = Object.fromEntries(PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
    let child;
    try {
      child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'ignore'], shell: false });
    } catch (error) {
      resolve({ why: `rgov could not be started (${error.code ?? 'unknown'})` });
      return;
    }
    const end = (result) => {
      clearTimeout(timer);
      signal?.removeEventListener?.('abort', cancel);
      child.kill('SIGKILL');
      // What is left of a program that does not let go of its output.
      child.stdout.destroy();
      child.stdin.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => end({ why: `rgov gate gave no answer within ${limit_ms} ms` }), limit_ms);
    const cancel = () => end({ why: 'the tool call was cancelled' });
    signal?.addEventListener?.('abort', cancel, { once: true });
    const chunks = [];
    let size = 0;
    child.stdout.on('data', (chunk) => {
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) end({ why: 'rgov gate said too much' });
      else chunks.push(chunk);
    });
    // Whoever needs no input may close it.
    child.stdin.on('error', () => {});
    child.on('error', (error) => end({ why: `rgov could not be started (${error.code ?? 'unknown'})` }));
    child.on('close', (code) => end({ code, stdout: Buffer.concat(chunks).toString('utf8') }));
    child.stdin.end(input);
  });
}

function parse(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && typeof value.open === 'boolean' ? value : null;
  } catch {
    return null;
  }
}

function wordsFor({ held = [], warnings = [] }) {
  if (held.length === 0) return warnings.join('; ') || 'the gate is closed';
  return held
    .map(({ id, reason, cannotTell, notices = [], moreNotices = 0 }) => {
      const named = notices.slice(0, 3).map(({ notice, about }) => `${notice} (${about?.severity} of ${about?.subject})`);
      const more = notices.length - named.length + moreNotices;
      const which = cannotTell ?? `not proved: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
      return `gate ${id}: ${reason ? `${reason} ` : ''}${which}`;
    })
    .join('; ');
}

function blocked(why, hints = []) {
  const opens = hints.length === 0 ? '' : ` Opens it: ${hints.slice(0, 3).join('; ')}.`;
  const reason = `REPORTING_GATE_CLOSED: ${why}.${opens} Do not retry; report to the operator first.`;
  return { block: true, blockReason: oneLine(reason) };
}

function oneLine(text) {
  const line = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return line.length <= MAX_REASON ? line : `${line.slice(0, MAX_REASON - 1)}…`;
}
