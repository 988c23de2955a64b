import type { CheckConfig } from '../../model/config-problem.ts';
import { hostProblems } from '../http-client/check-hosts.ts';
import type { WebhookSettings } from './request.ts';

/** What is wrong with settings that their schema accepts. */
export const configProblems: CheckConfig = (config) => hostProblems((config as WebhookSettings).allowHosts);
