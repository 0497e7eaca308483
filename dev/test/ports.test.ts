import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';

import { freePort } from '../src/engines/ports.ts';

/** Linux gives outgoing connections ports from here on. */
const OUTGOING = 32_768;

describe('a free port', () => {
  it('can be listened on, and is none that an outgoing connection may get first', async () => {
    const ports = await Promise.all(Array.from({ length: 40 }, () => freePort()));
    assert.equal(new Set(ports).size, ports.length, 'nobody gets the port of another');
    for (const port of ports) {
      assert.ok(port < OUTGOING, `port ${port}`);
      const server = createServer().listen(port, '127.0.0.1');
      await once(server, 'listening');
      server.close();
      await once(server, 'close');
    }
  });
});
