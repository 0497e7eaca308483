import type { Scenario } from '../run/scenario.ts';
import { clientScenarios } from './client-scenarios.ts';
import { mongoScenarios } from './mongo-scenarios.ts';
import { nodeScenarios } from './node-scenarios.ts';
import { redisScenarios } from './redis-scenarios.ts';

/** All scenarios, in the order of a full run. */
export const scenarios: readonly Scenario[] = [
  ...nodeScenarios,
  ...redisScenarios,
  ...mongoScenarios,
  ...clientScenarios,
];
