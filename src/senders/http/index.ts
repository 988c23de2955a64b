import { AttemptSecrets } from '../attempt-secrets.ts';
import { Connections } from '../http-client/connections.ts';
import { guardFor } from '../http-client/guard.ts';
import { tryOnce } from '../http-client/try-once.ts';
import type { CreateSender } from '../sender.ts';
import { judge } from './answers.ts';
import { valuesFor } from './placeholders.ts';
import type { Recipe } from './recipe.ts';
import { receiverOf, requestFor } from './request.ts';

/** One request as a recipe says; what its answer proves, the recipe says as well. */
export const create: CreateSender = (config, context) => {
  const recipe = config as unknown as Recipe;
  const connections = new Connections({ guard: guardFor(recipe.allowHosts), network: context.network });
  return {
    attempt(attempt, signal) {
      const secrets = new AttemptSecrets(context.resolveSecret);
      const prepare = () => {
        const request = requestFor(recipe, attempt.number, valuesFor(recipe, attempt, secrets), secrets);
        return { request, receiver: receiverOf(recipe, request.url) };
      };
      const judged = (answer: Parameters<typeof judge>[1], receiver: string) => judge(recipe.answers, answer, receiver, attempt.now_ms, secrets);
      return tryOnce(prepare, judged, { connections, secrets, signal });
    },
    close() {
      connections.close();
    },
  };
};
