import assert from 'node:assert/strict';

import { isOriginAllowed, type OriginRules } from '../../src/transport/handshake/origins.ts';
import type { Person } from '../support/people.ts';
import { TestStack } from '../support/stack.ts';

describe('origins', () => {
  const rules: OriginRules = {
    origins: ['https://shop.example'],
    publicOrigin: 'https://chat.example',
    trustedProxies: ['10.0.0.1'],
  };
  const cases: [
    what: string,
    headers: Readonly<Record<string, string>>,
    remote: string,
    allowed: boolean,
  ][] = [
    ['no origin', { host: 'chat.example' }, '1.2.3.4', true],
    ['a listed one', { origin: 'https://shop.example' }, '1.2.3.4', true],
    ['our public one', { origin: 'https://chat.example', host: 'inner:80' }, '1.2.3.4', true],
    ['the own host', { origin: 'http://a.example:8080', host: 'a.example:8080' }, '1.2.3.4', true],
    [
      'the own host in capitals',
      { origin: 'http://a.example', host: 'A.Example' },
      '1.2.3.4',
      true,
    ],
    [
      'the own host with the port of the scheme',
      { origin: 'https://a.example', host: 'a.example:443' },
      '1.2.3.4',
      true,
    ],
    [
      'the host that a trusted proxy names',
      { origin: 'https://a.example', host: 'inner', 'x-forwarded-host': 'a.example' },
      '::ffff:10.0.0.1',
      true,
    ],
    [
      'the host that anybody else names',
      { origin: 'https://evil.example', host: 'inner', 'x-forwarded-host': 'evil.example' },
      '1.2.3.4',
      false,
    ],
    [
      'the public host over plain http',
      { origin: 'http://chat.example', host: 'chat.example' },
      '1.2.3.4',
      false,
    ],
    [
      'the own host over plain http while the request came over https',
      { origin: 'http://a.example', host: 'a.example', 'x-forwarded-proto': 'https' },
      '10.0.0.1',
      false,
    ],
    [
      'the own host over https while the request came over https',
      { origin: 'https://a.example', host: 'a.example', 'x-forwarded-proto': 'https' },
      '10.0.0.1',
      true,
    ],
    ['a foreign one', { origin: 'https://evil.example', host: 'chat.example' }, '1.2.3.4', false],
    ['another scheme', { origin: 'http://shop.example', host: 'inner' }, '1.2.3.4', false],
    ['another port', { origin: 'https://shop.example:8443', host: 'inner' }, '1.2.3.4', false],
    ['a suffix', { origin: 'https://shop.example.evil.example', host: 'x' }, '1.2.3.4', false],
    ['the opaque one', { origin: 'null', host: 'null' }, '1.2.3.4', false],
    ['an empty one', { origin: '', host: '' }, '1.2.3.4', false],
    ['one without a host', { origin: 'file://', host: '' }, '1.2.3.4', false],
  ];
  for (const [what, headers, remoteAddress, allowed] of cases) {
    it(`${allowed ? 'admit' : 'refuse'} ${what}`, () => {
      assert.equal(isOriginAllowed({ headers, socket: { remoteAddress } }, rules), allowed);
    });
  }
});

describe('a page that opens a WebSocket', () => {
  let stack: TestStack;
  let url: string;
  let ann: Person;

  before(async () => {
    stack = await TestStack.create();
    ({ url } = await stack.node({ PARLEY_ORIGINS: 'https://shop.example' }));
    ann = await stack.people.create();
  });
  after(() => stack.close());

  it('is refused before the handshake when its origin is foreign', async () => {
    const error = await stack.connections.refused(
      url,
      { token: ann.token },
      { extraHeaders: { origin: 'https://evil.example' } },
    );
    assert.equal(error.message, 'websocket error');
    const { description } = error as unknown as { description: { message: string } };
    assert.match(description.message, /400/);
  });

  it('is admitted when its origin is listed, or the own one', async () => {
    for (const origin of ['https://shop.example', url]) {
      const socket = await stack.connections.open(url, ann, { extraHeaders: { origin } });
      assert.equal(socket.connected, true);
    }
  });
});
