import type { Scenario } from '../run/scenario.ts';
import { clientScenarios } from './client-scenarios.ts';
import { mongoScenarios } from './mongo-scenarios.ts';
import { nodeScenarios } from './node-scenarios.ts';
import { redisScenarios } from './redis-scenarios.ts';

/** Everything that may break, in the order in which it is run. */
export const scenarios: readonly Scenario[] = [
  ...nodeScenarios,
  ...redisScenarios,
  ...mongoScenarios,
  ...clientScenarios,
];
