/**
 * Run by mongosh: initiates the replica set and creates the user of the services. Running it again changes only the
 * password of that user to the one in the secret. The parts of mongosh that it uses are `connect` and `sleep`.
 */
/* global connect, require, sleep */
const { readFileSync } = require('fs');

const folder = process.env.SECRETS_FOLDER ?? '/run/secrets';
const secret = (name) => readFileSync(`${folder}/${name}`, 'utf8').trim();
const host = process.env.MONGODB_HOST;
const root = secret('mongodb-root-password');

async function main() {
  const admin = await connect(`mongodb://root:${root}@${host}/admin?directConnection=true`);
  const { setName } = await admin.adminCommand({ hello: 1 });
  if (setName === undefined) {
    const members = [{ _id: 0, host }];
    await admin.adminCommand({ replSetInitiate: { _id: 'parley', members } });
  }
  for (;;) {
    const { isWritablePrimary } = await admin.adminCommand({ hello: 1 });
    if (isWritablePrimary) break;
    await sleep(200);
  }
  const parley = await admin.getSiblingDB('parley');
  const { users } = await parley.runCommand({ usersInfo: 'parley' });
  const user = {
    pwd: secret('mongodb-password'),
    roles: [{ role: 'readWrite', db: 'parley' }],
  };
  await parley.runCommand(
    users.length === 0 ? { createUser: 'parley', ...user } : { updateUser: 'parley', ...user },
  );
}

await main();
