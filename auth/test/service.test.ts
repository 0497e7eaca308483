import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SessionDocument } from '@parley/backend-common';
import { testMongoUri } from '@parley/backend-common/testing';
import { CONTRACT } from '@parley/common/contract';
import type { Filter } from 'mongodb';

import { readConfig } from '../src/index.ts';
import { AuthService, PASSWORD, SECRET, assertRefused } from './support/auth-service.ts';

describe('the auth service', () => {
  it('describes the contract and its limits', async () => {
    const auth = await AuthService.start();
    try {
      const { data } = await auth.call('GET', '/meta');
      assert.deepEqual(data, {
        contract: CONTRACT,
        registration: 'open',
        passwordMinLength: 8,
        textMaxLength: 10_000,
        attachmentMaxBytes: 2_147_483_648,
      });
    } finally {
      await auth.drop();
    }
  });

  it('describes web push if it is configured', async () => {
    const firebase = {
      apiKey: 'AIza-public',
      appId: '1:7:web:9',
      messagingSenderId: '7',
      projectId: 'parley-test',
    };
    const vapidKey = 'B'.repeat(87);
    const config = JSON.stringify({ ...firebase, vapidKey, unheardOf: true });
    const auth = await AuthService.start({ env: { PARLEY_FIREBASE_WEB_CONFIG: config } });
    try {
      const { data } = await auth.call('GET', '/meta');
      assert.deepEqual(data['push'], { vapidKey, firebase });
    } finally {
      await auth.drop();
    }
  });

  it('names the variable of an invalid web push configuration without its value', () => {
    const refused = (config: string) => {
      const env = { MONGODB_URI: 'mongodb://127.0.0.1', PARLEY_SECRET: SECRET };
      assert.throws(
        () => readConfig({ ...env, PARLEY_FIREBASE_WEB_CONFIG: config }),
        (error: Error) =>
          error.message.includes('PARLEY_FIREBASE_WEB_CONFIG') && !error.message.includes('AIza'),
      );
    };
    refused('{"apiKey": "AIza');
    refused('"AIza"');
    refused(JSON.stringify({ apiKey: 'AIza', vapidKey: 'short' }));
  });

  it('is alive but not ready while its database does not answer', async () => {
    const auth = await AuthService.start();
    try {
      assert.equal((await auth.call('GET', '/readyz')).status, 200);
      const admin = auth.mongo.client.db('admin');
      const failPoint = { configureFailPoint: 'failCommand', data: {} };
      await admin.command({
        ...failPoint,
        mode: 'alwaysOn',
        data: { failCommands: ['ping'], errorCode: 8000, appName: 'parley-auth' },
      });
      try {
        assert.equal((await auth.call('GET', '/readyz')).status, 503);
        assert.equal((await auth.call('GET', '/healthz')).status, 200);
      } finally {
        await admin.command({ ...failPoint, mode: 'off' });
      }
    } finally {
      await auth.drop();
    }
  });

  it('answers unavailable while its database refuses connections or has no primary', async () => {
    const auth = await AuthService.start();
    try {
      const { sessionToken: token } = await auth.register('ada');
      const admin = auth.mongo.client.db('admin');
      const failPoint = { configureFailPoint: 'failCommand', data: {} };
      const failCommands = ['find', 'findAndModify', 'aggregate', 'insert', 'update'];
      for (const failure of [{ closeConnection: true }, { errorCode: 10107 }]) {
        const data = { failCommands, ...failure, appName: 'parley-auth' };
        await admin.command({ ...failPoint, mode: 'alwaysOn', data });
        try {
          assertRefused(await auth.call('GET', '/me', { token }), 'unavailable');
          const body = { username: 'ada', password: PASSWORD };
          assertRefused(await auth.call('POST', '/auth/login', { body }), 'unavailable');
        } finally {
          await admin.command({ ...failPoint, mode: 'off' });
        }
        assert.equal((await auth.login('ada', PASSWORD)).status, 200);
      }
    } finally {
      await auth.drop();
    }
  });

  it('finds sessions only through indexes', async () => {
    const auth = await AuthService.start();
    try {
      const sessions = auth.mongo.db.collection<SessionDocument>('sessions');
      const shapes: [string, Filter<SessionDocument>][] = [
        ['token', { tokenHash: 'x' }],
        ['user', { userId: 'x', revokedAt: null, expiresAt: { $gt: 1 } }],
        ['revoked', { revokedAt: { $gte: 1_000 } }],
      ];
      for (const [index, filter] of shapes) {
        const sort = index === 'user' ? ({ lastSeenAt: -1, _id: -1 } as const) : {};
        const plan = await sessions.find(filter).sort(sort).explain();
        const text = JSON.stringify(plan['queryPlanner']);
        assert.match(text, new RegExp(`"indexName":"${index}"`));
        assert.doesNotMatch(text, /COLLSCAN|"stage":"SORT"/);
      }
    } finally {
      await auth.drop();
    }
  });

  it('starts twice at once on an empty database', async () => {
    const one = await AuthService.start();
    try {
      const others = await Promise.all([1, 2].map(() => AuthService.start({ mongo: one.mongo })));
      for (const other of others) await other.stop();
    } finally {
      await one.drop();
    }
  });

  it('runs as its own process', async () => {
    const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', '--conditions=source', main], {
      env: { PATH: process.env['PATH'], MONGODB_URI: testMongoUri(), PARLEY_SECRET: SECRET },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const [{ metricsUrl, url }] = (await once(child, 'message')) as [
      { url: string; metricsUrl: string },
    ];
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
    assert.match(await (await fetch(metricsUrl)).text(), /^process_resident_memory_bytes/m);
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];
    assert.equal(code, 0);
  });
});

describe('the configuration of auth', () => {
  const least = { MONGODB_URI: 'mongodb://127.0.0.1', PARLEY_SECRET: SECRET };

  it('leaves one core to everything else', () => {
    assert.ok(readConfig(least).hashConcurrency >= 1);
  });

  it('opens registration unless told otherwise', () => {
    assert.equal(readConfig(least).registration, 'open');
    const closed = readConfig({ ...least, PARLEY_REGISTRATION: 'closed' });
    assert.equal(closed.registration, 'closed');
    const call = () => readConfig({ ...least, PARLEY_REGISTRATION: 'maybe', PORT: '-1' });
    assert.throws(call, /PORT[\s\S]*PARLEY_REGISTRATION/);
  });

  it('requires a secret', () => {
    assert.throws(() => readConfig({ ...least, PARLEY_SECRET: 'short' }), /PARLEY_SECRET/);
  });
});
