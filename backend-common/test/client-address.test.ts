import assert from 'node:assert/strict';
import {
  clientAddress,
  isAddressRange,
  isTrustedProxy,
  requestAddress,
} from '@parley/backend-common';

const PROXY = '10.0.0.1';

describe('the address of a client', () => {
  const cases: [string, { remote: string; forwarded: string; trusted: string[] }, string][] = [
    ['is the peer', { remote: '192.0.2.7', forwarded: '', trusted: [] }, '192.0.2.7'],
    [
      'is the peer where no proxy is trusted, whatever it claims',
      { remote: '192.0.2.7', forwarded: '203.0.113.9', trusted: [] },
      '192.0.2.7',
    ],
    [
      'is what the trusted proxy saw',
      { remote: PROXY, forwarded: '203.0.113.9', trusted: [PROXY] },
      '203.0.113.9',
    ],
    [
      'is not what the client wrote into the header itself',
      { remote: PROXY, forwarded: '127.0.0.1, 203.0.113.9', trusted: [PROXY] },
      '203.0.113.9',
    ],
    [
      'is found behind several trusted proxies',
      { remote: PROXY, forwarded: '1.1.1.1, 203.0.113.9, 10.2.3.4', trusted: ['10.0.0.0/8'] },
      '203.0.113.9',
    ],
    [
      'is the proxy where it says nothing',
      { remote: PROXY, forwarded: '', trusted: [PROXY] },
      PROXY,
    ],
    [
      'is the proxy where it says nonsense',
      { remote: PROXY, forwarded: "'; drop", trusted: [PROXY] },
      PROXY,
    ],
    [
      'is IPv4 where it arrived mapped into IPv6',
      { remote: '::ffff:10.0.0.1', forwarded: '::ffff:203.0.113.9', trusted: [PROXY] },
      '203.0.113.9',
    ],
    [
      'may be IPv6',
      { remote: 'fd00::1', forwarded: '2001:db8::5', trusted: ['fd00::/8'] },
      '2001:db8::5',
    ],
    [
      'is IPv4 however it was mapped into IPv6',
      { remote: '::FFFF:0a00:0001', forwarded: '::ffff:cb00:7109', trusted: [PROXY] },
      '203.0.113.9',
    ],
    [
      'is IPv4 behind a proxy that is configured in its mapped form',
      { remote: PROXY, forwarded: '203.0.113.9', trusted: ['::ffff:10.0.0.0/104'] },
      '203.0.113.9',
    ],
    [
      'may come with a port',
      { remote: PROXY, forwarded: '203.0.113.7:50001', trusted: [PROXY] },
      '203.0.113.7',
    ],
    [
      'may be IPv6 with brackets and a port',
      { remote: PROXY, forwarded: '[2001:db8::1]:443', trusted: [PROXY] },
      '2001:db8::1',
    ],
    [
      'may be IPv6 with brackets',
      { remote: PROXY, forwarded: '1.1.1.1, [2001:db8::1]', trusted: [PROXY] },
      '2001:db8::1',
    ],
    [
      'is found behind proxies that write their ports',
      { remote: PROXY, forwarded: '203.0.113.9:1, 10.2.3.4:50001', trusted: ['10.0.0.0/8'] },
      '203.0.113.9',
    ],
    [
      'is not what only looks like an address',
      { remote: PROXY, forwarded: '10.1', trusted: [PROXY] },
      PROXY,
    ],
    [
      'has one form however IPv6 is written',
      { remote: '2001:0DB8:0:0::0005', forwarded: '', trusted: [] },
      '2001:db8::5',
    ],
  ];
  for (const [behaviour, { forwarded, remote, trusted }, expected] of cases) {
    it(behaviour, () => assert.equal(clientAddress(remote, forwarded, trusted), expected));
  }

  it('is the first hop if every hop is trusted', () => {
    assert.equal(clientAddress(PROXY, `${PROXY}, ${PROXY}`, [PROXY]), PROXY);
  });
});

describe('the address of a request', () => {
  const forwarded = { headers: { 'x-forwarded-for': '192.0.2.7' } };

  it('is in the header of a trusted proxy only', () => {
    const request = { ...forwarded, socket: { remoteAddress: PROXY } };
    assert.equal(requestAddress(request, [PROXY]), '192.0.2.7');
    assert.equal(requestAddress(request, []), PROXY);
  });

  it('is that of the connection if there is no header, and empty once it has closed', () => {
    assert.equal(requestAddress({ headers: {}, socket: { remoteAddress: PROXY } }, [PROXY]), PROXY);
    assert.equal(requestAddress({ ...forwarded, socket: {} }, [PROXY]), '');
  });
});

describe('a trusted proxy', () => {
  it('is given as an address or a range, and matches both', () => {
    assert.equal(isTrustedProxy('10.9.9.9', ['10.0.0.0/8']), true);
    assert.equal(isTrustedProxy('11.0.0.1', ['10.0.0.0/8']), false);
    assert.equal(isTrustedProxy('nonsense', ['10.0.0.0/8']), false);
  });

  it('cannot be given as anything but an address or a range', () => {
    for (const good of ['10.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8', '0.0.0.0/0']) {
      assert.equal(isAddressRange(good), true, good);
    }
    for (const bad of ['', 'proxy', '10.0.0.0/33', '10.0.0.0/', '::/129', '10.0.0.0/8/8', '*']) {
      assert.equal(isAddressRange(bad), false, bad);
    }
  });
});
