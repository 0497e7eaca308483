import { randomUUID } from 'node:crypto';
import { SECOND } from '@parley/common';

import { failure, ok, type Check } from '../finding.ts';
import { withWorkingRedis } from './with-redis.ts';

const PATIENCE = 3 * SECOND;

export const redisEvents: Check = {
  name: 'redis-events',
  run: (context) =>
    withWorkingRedis(context, (publisher) =>
      withWorkingRedis(context, async (subscriber) => {
        const channel = `parley-doctor:${randomUUID()}`;
        const arrived = new Promise<boolean>((resolve) => {
          subscriber.once('message', () => resolve(true));
          setTimeout(() => resolve(false), PATIENCE).unref();
        });
        await subscriber.subscribe(channel);
        await publisher.publish(channel, 'x');
        if (await arrived) return ok('Published messages arrive.');
        return failure(
          'Messages published through Redis do not arrive.',
          'Check whether a proxy between the services and Redis passes PUBLISH and SUBSCRIBE on, and whether the ACL of the user allows all channels.',
        );
      }),
    ),
};
