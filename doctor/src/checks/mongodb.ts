import { ConfigError } from '@parley/backend-common';

import { failure, ok, skipped, warning, type Check, type Finding } from '../finding.ts';
import { messageOf } from '../run-checks.ts';
import { TRUST } from './trust.ts';

const OLDEST = 6;

export const mongodb: Check = {
  name: 'mongodb',
  async run({ deployment: { settings }, mongo }) {
    const { MONGODB_URI: uri } = settings;
    if (uri === undefined) return skipped('MONGODB_URI is missing or not usable.');
    try {
      const { db } = await mongo();
      const [{ version }, { setName, hosts }] = await Promise.all([
        db.command({ buildInfo: 1 }),
        db.command({ hello: 1 }),
      ]);
      return judge(String(version), {
        setName: String(setName ?? 'mongos'),
        hosts: lengthOf(hosts),
      });
    } catch (error) {
      return explain(error);
    }
  },
};

function lengthOf(hosts: unknown): number | undefined {
  return Array.isArray(hosts) ? hosts.length : undefined;
}

function judge(
  version: string,
  { hosts, setName }: { readonly setName: string; readonly hosts: number | undefined },
): Finding {
  if (Number(version.split('.')[0]) < OLDEST) {
    return failure(`MongoDB ${version} is too old.`, `Upgrade it to ${OLDEST}.0 or newer.`);
  }
  if (hosts !== undefined && hosts < 3) {
    return warning(
      `MongoDB ${version}; the replica set ${setName} has ${hosts} members with data that can become primary.`,
      'Three members with data are needed so that the loss of one interrupts nothing and loses nothing. Fewer are enough for a trial.',
    );
  }
  return ok(`MongoDB ${version}, replica set ${setName}.`);
}

function explain(error: unknown): Finding {
  const message = messageOf(error);
  if (!(error instanceof ConfigError)) {
    return failure(
      `MongoDB does not answer: ${message}.`,
      'Check whether it runs, whether a primary is elected (rs.status() in mongosh), and whether host, port and TLS settings in MONGODB_URI are right.',
    );
  }
  if (message.includes('certificate of MongoDB')) return failure(`${message}.`, TRUST);
  if (message.includes('standalone')) {
    return failure(
      `${message}.`,
      'Start mongod with --replSet parley, and run rs.initiate() in mongosh once.',
    );
  }
  return failure(
    `${message}.`,
    'Correct user and password in MONGODB_URI (special characters are percent-encoded), and authSource if the user is not in the database of the URI.',
  );
}
