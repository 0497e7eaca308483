import { certificateFault } from '@parley/backend-common';

import { failure, ok, type Check, type Finding } from '../finding.ts';
import { messageOf } from '../run-checks.ts';
import { TRUST } from './trust.ts';
import { readInfo, withRedis } from './with-redis.ts';

const OLDEST = 6;

export const redis: Check = {
  name: 'redis',
  async run(context) {
    try {
      return await withRedis(context, async (connection) => judge(await readInfo(connection)));
    } catch (error) {
      const certificate = certificateFault(error);
      if (certificate === undefined) return explain(messageOf(error));
      return failure(`The certificate of Redis is not trusted: ${certificate}.`, TRUST);
    }
  },
};

function judge(info: ReadonlyMap<string, string>): Finding {
  const valkey = info.get('valkey_version');
  const name = valkey === undefined ? 'Redis' : 'Valkey';
  const version = valkey ?? info.get('redis_version') ?? 'of an unknown version';
  if (Number((info.get('redis_version') ?? '').split('.')[0]) < OLDEST) {
    return failure(`${name} ${version} is too old.`, `Upgrade it to ${OLDEST}.0 or newer.`);
  }
  if (info.get('redis_mode') === 'cluster' || info.get('cluster_enabled') === '1') {
    return failure(
      `${name} runs in cluster mode.`,
      'Use one server without cluster mode (cluster-enabled no).',
    );
  }
  if (info.get('role') === 'slave') {
    return failure('REDIS_URL names a replica.', 'Let REDIS_URL name the primary.');
  }
  return ok(`${name} ${version}.`);
}

function explain(message: string): Finding {
  if (/WRONGPASS|NOAUTH|NOPERM|invalid (?:username|password)/.test(message)) {
    return failure(
      `Redis refuses the credentials in REDIS_URL: ${message}.`,
      'Correct user and password in REDIS_URL; special characters are percent-encoded.',
    );
  }
  return failure(
    `Redis does not answer: ${message}.`,
    'Check whether it runs and whether host, port and scheme (rediss for TLS) in REDIS_URL are right.',
  );
}
