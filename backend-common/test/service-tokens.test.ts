import assert from 'node:assert/strict';
import { SECOND } from '@parley/common';
import {
  ServiceTokens,
  deriveKey,
  looksLikeServiceToken,
  type ServiceClaims,
} from '@parley/backend-common';
import { SignJWT, UnsecuredJWT } from 'jose';

const SECRET = 'a secret of more than thirty-two bytes';
const SERVICE: ServiceClaims = {
  kind: 'service',
  audience: 'messaging',
  userId: 'user',
  sessionId: 'session',
};

function tokensAt(start: number, secret = SECRET) {
  const clock = { now: start };
  return { clock, tokens: new ServiceTokens({ secret, now: () => clock.now }) };
}

const refused = { code: 'unauthenticated' };

describe('service tokens', () => {
  it('name their user and session', async () => {
    const { tokens } = tokensAt(1_000_000);
    const { token } = await tokens.issue(SERVICE);
    assert.equal(looksLikeServiceToken(token), true);
    const claims = await tokens.verify(token, { audience: 'messaging', kind: 'service' });
    assert.deepEqual(claims, SERVICE);
  });

  it('are accepted if the previous secret signed them, while the secret is being replaced', async () => {
    const { tokens: old } = tokensAt(1_000_000, 'the secret before, thirty-two bytes or more');
    const { tokens: without } = tokensAt(1_000_000);
    const tokens = new ServiceTokens({
      secret: SECRET,
      previous: 'the secret before, thirty-two bytes or more',
      now: () => 1_000_000,
    });
    const { token } = await old.issue(SERVICE);
    assert.deepEqual(await tokens.verify(token, SERVICE), SERVICE);
    await assert.rejects(without.verify(token, SERVICE), refused);
    await assert.rejects(tokens.verify(token, { ...SERVICE, audience: 'auth' }), refused);
    const { token: own } = await tokens.issue(SERVICE);
    assert.deepEqual(await without.verify(own, SERVICE), SERVICE);
    const { tokens: foreign } = tokensAt(1_000_000, 'a third secret, thirty-two bytes or more');
    await assert.rejects(tokens.verify((await foreign.issue(SERVICE)).token, SERVICE), refused);
  });

  it('of kind internal name no user', async () => {
    const { tokens } = tokensAt(1_000_000);
    const { token } = await tokens.issue({ kind: 'internal', audience: 'auth' });
    const claims = await tokens.verify(token, { audience: 'auth', kind: 'internal' });
    assert.deepEqual(claims, { kind: 'internal', audience: 'auth' });
  });

  it('are valid for 30 s', async () => {
    const { clock, tokens } = tokensAt(1_000_000);
    const { expiresAt, token } = await tokens.issue(SERVICE);
    assert.equal(expiresAt, 1_030_000);
    clock.now = expiresAt - 1;
    await tokens.verify(token, SERVICE);
    clock.now = expiresAt + 6 * SECOND;
    await assert.rejects(tokens.verify(token, SERVICE), refused);
  });

  it('are refused by another service', async () => {
    const { tokens } = tokensAt(1_000_000);
    const { token } = await tokens.issue(SERVICE);
    await assert.rejects(tokens.verify(token, { audience: 'auth', kind: 'service' }), refused);
  });

  it('are refused for another purpose', async () => {
    const { tokens } = tokensAt(1_000_000);
    const kinds = ['service', 'ticket', 'internal'] as const;
    for (const kind of kinds) {
      const { token } = await tokens.issue({ ...SERVICE, kind });
      for (const other of kinds.filter((name) => name !== kind)) {
        const call = tokens.verify(token, { audience: 'messaging', kind: other });
        await assert.rejects(call, refused, `${kind} as ${other}`);
      }
    }
  });

  it('of a user must name the user and the session', async () => {
    const { tokens } = tokensAt(1_000_000);
    const { token } = await tokens.issue({
      kind: 'service',
      audience: 'messaging',
      userId: 'user',
    });
    await assert.rejects(tokens.verify(token, SERVICE), refused);
  });

  it('are refused if they were signed with another secret', async () => {
    const { tokens } = tokensAt(1_000_000);
    const other = tokensAt(1_000_000, 'another secret of thirty-two bytes!!');
    const { token } = await other.tokens.issue(SERVICE);
    await assert.rejects(tokens.verify(token, SERVICE), refused);
  });

  it('are refused if they are altered, unsigned, signed with another algorithm, or do not expire', async () => {
    const { tokens } = tokensAt(1_000_000);
    const { token } = await tokens.issue(SERVICE);
    const [head = '', , signature = ''] = token.split('.');
    const claims = { typ: 'service', sid: 'session', sub: 'user', aud: 'messaging' };
    const key = deriveKey(SECRET, 'service-tokens');
    const forged = Buffer.from(JSON.stringify({ ...claims, exp: 9e9 })).toString('base64url');
    const bad = [
      `${head}.${forged}.${signature}`,
      new UnsecuredJWT({ ...claims, exp: 9e9 }).encode(),
      await new SignJWT({ ...claims, exp: 9e9 })
        .setProtectedHeader({ alg: 'HS512' })
        .sign(new Uint8Array([...key, ...key])),
      await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(key),
      'a.b.c',
      '..',
    ];
    for (const each of bad) await assert.rejects(tokens.verify(each, SERVICE), refused, each);
  });
});

describe('derived keys', () => {
  it('depend on the label and the secret alone', () => {
    const hex = (secret: string, label: string) =>
      Buffer.from(deriveKey(secret, label)).toString('hex');
    assert.equal(hex(SECRET, 'a'), hex(SECRET, 'a'));
    assert.notEqual(hex(SECRET, 'a'), hex(SECRET, 'b'));
    assert.notEqual(hex(SECRET, 'a'), hex(`${SECRET}!`, 'a'));
    assert.equal(deriveKey(SECRET, 'a').byteLength, 32);
  });
});
