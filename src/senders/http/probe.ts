import { AttemptSecrets } from '../attempt-secrets.ts';
import { Connections } from '../http-client/connections.ts';
import { guardFor } from '../http-client/guard.ts';
import { reach } from '../http-client/reach.ts';
import { attemptToProbe } from '../probe-attempt.ts';
import type { Probe } from '../sender.ts';
import { valuesFor } from './placeholders.ts';
import type { Recipe } from './recipe.ts';
import { receiverOf, requestFor } from './request.ts';

/** A connection to where the request of the recipe would go. */
export const probe: Probe = ({ config, context, address, signal }) => {
  const recipe = config as unknown as Recipe;
  const secrets = new AttemptSecrets(context.resolveSecret);
  const connections = new Connections({ guard: guardFor(recipe.allowHosts), network: context.network });
  const prepare = () => {
    const request = requestFor(recipe, 1, valuesFor(recipe, attemptToProbe(address), secrets), secrets);
    return { request, receiver: receiverOf(recipe, request.url) };
  };
  return reach(prepare, { connections, secrets, signal });
};
