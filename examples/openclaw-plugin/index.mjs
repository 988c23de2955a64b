import { Outbox, statementOf } from './feedback.mjs';
import { mayRun } from './gate.mjs';

const TIME_LIMIT_MS = 10_000;
/** What OpenClaw waits longer than we do, so that the reason is ours and not "the hook failed". */
const MARGIN_MS = 5_000;

/**
 * The plugin, as OpenClaw 2026.9.6 loads it. Nothing of a hook's event or context is ever logged: they carry messages, parameters and tokens.
 */
export default {
  id: 'reporting-governance',
  name: 'Reporting governance',
  description: 'Holds tools back while humans have not been told of what matters, and tells rgov what became of its messages.',
  register(api) {
    const { command, state, posture = 'enforce', gate = true, timeLimitMs = TIME_LIMIT_MS } = api.pluginConfig ?? {};
    // Without them nobody can be asked, and OpenClaw loads a plugin only where its settings are valid; this is for the day on which that changes.
    const settings = { command: command ?? [], posture, timeLimitMs };
    const log = api.logger;
    if (gate) {
      api.on('before_tool_call', (event, context) => mayRun(event, context, settings, log), { priority: 100, timeoutMs: timeLimitMs + MARGIN_MS });
    }
    if (typeof state !== 'string') return;
    const outbox = new Outbox(state, log);
    api.on('message_sent', (event) => {
      const statement = statementOf(event, state, new Date());
      if (statement !== null) outbox.put(statement);
    });
  },
};
