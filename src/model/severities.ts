/** From the mildest to the gravest, as PagerDuty orders them. */
export const SEVERITIES = ['info', 'warning', 'error', 'critical'];
