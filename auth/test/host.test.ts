import assert from 'node:assert/strict';
import { HOSTS, statusOf } from '@parley/backend-common/testing';

import { AuthService } from './support/auth-service.ts';

describe('a request to auth', () => {
  let auth: AuthService;
  before(async () => {
    auth = await AuthService.start();
  });
  after(() => auth.drop());

  for (const { lines, status, what } of HOSTS) {
    it(`with ${what} is answered ${status}`, async () => {
      assert.equal(await statusOf(`${auth.url}/meta`, lines), status);
    });
  }
});
