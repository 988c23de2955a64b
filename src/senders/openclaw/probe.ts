import { RgovError } from '../../model/errors.ts';
import { AttemptSecrets } from '../attempt-secrets.ts';
import { probeProgram } from '../child-process/find-program.ts';
import { Connections } from '../http-client/connections.ts';
import { ANYWHERE } from '../http-client/guard.ts';
import { reach } from '../http-client/reach.ts';
import { attemptToProbe } from '../probe-attempt.ts';
import type { Probe } from '../sender.ts';
import { callFor, type OpenClawSettings } from './call.ts';

/** Whether the program can be started and, where `env` says at which address the gateway is, whether something listens there. It is not called. */
export const probe: Probe = async ({ config, context, address, signal }) => {
  const settings = config as unknown as OpenClawSettings;
  const secrets = new AttemptSecrets(context.resolveSecret);
  try {
    const { argv, cwd, env } = callFor(settings, attemptToProbe(address), context, secrets);
    const program = probeProgram(argv[0] ?? '', cwd, env['PATH']);
    const gateway = gatewayUrl(env['OPENCLAW_GATEWAY_URL']);
    if (!program.reached || gateway === null) return program;
    const prepare = () => ({ request: { url: gateway, headers: {}, body: Buffer.alloc(0) }, receiver: `the gateway at ${gateway.host}` });
    // The operator alone says where their gateway is.
    const listening = await reach(prepare, { connections: new Connections({ guard: ANYWHERE, network: context.network }), secrets, signal });
    return listening.reached ? { reached: true, saw: `${program.saw}; ${listening.saw}` } : listening;
  } catch (error) {
    if (!(error instanceof RgovError)) throw error;
    return { reached: false, problem: secrets.brief(error.message), mend: error.hint ?? 'the settings of the sender' };
  }
};

/** A gateway speaks WebSocket, which begins as HTTP. Null where nothing says where it is: its own configuration may. */
function gatewayUrl(text: string | undefined): URL | null {
  const asHttp = text?.trim().replace(/^ws(s?):/, 'http$1:') ?? '';
  return /^https?:/.test(asHttp) && URL.canParse(asHttp) ? new URL(asHttp) : null;
}
