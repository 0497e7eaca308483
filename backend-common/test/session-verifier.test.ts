import assert from 'node:assert/strict';
import { MINUTE, SECOND } from '@parley/common';
import {
  ServiceTokens,
  SessionVerifier,
  hashToken,
  type SessionReader,
  type SessionRecord,
} from '@parley/backend-common';

import { sessionToken } from './support/stored.ts';

const TOKEN = sessionToken('token');
const LIVE: SessionRecord = {
  id: 'session',
  userId: 'user',
  expiresAt: 60 * MINUTE,
  revokedAt: null,
};

/** A verifier over one stored session, and how often that was asked for. */
function verifierOver(session: SessionRecord | null, audience: 'auth' | 'messaging' = 'messaging') {
  const world = { session, now: 0, asked: 0, waiting: Promise.resolve() };
  const find = async (matches: boolean) => {
    world.asked += 1;
    const found = world.session;
    await world.waiting;
    return matches ? found : null;
  };
  const now = () => world.now;
  const sessions: Pick<SessionReader, 'byId' | 'byTokenHash'> = {
    byId: (id) => find(id === world.session?.id),
    byTokenHash: (hash) => find(hash === hashToken(TOKEN)),
  };
  const tokens = new ServiceTokens({ secret: 'x'.repeat(32), now });
  const verifier = new SessionVerifier({
    sessions: sessions as SessionReader,
    tokens,
    audience,
    now,
  });
  return { tokens, verifier, world };
}

describe('a session verifier', () => {
  it('returns the caller of a session token', async () => {
    const { verifier } = verifierOver(LIVE);
    const caller = { userId: 'user', sessionId: 'session', expiresAt: LIVE.expiresAt };
    assert.deepEqual(await verifier.verifyBearer(TOKEN), caller);
    assert.deepEqual(await verifier.verifyHandshake(TOKEN), caller);
  });

  it('refuses malformed tokens without a query', async () => {
    const { verifier, world } = verifierOver(LIVE);
    const bad = [
      undefined,
      '',
      'short',
      `${TOKEN}x`,
      TOKEN.replace('_', '$'),
      '{"$ne":null}',
      'a.b',
    ];
    for (const token of bad) {
      await assert.rejects(verifier.verifyBearer(token), { code: 'unauthenticated' });
      await assert.rejects(verifier.verifyHandshake(token), { code: 'unauthenticated' });
    }
    assert.equal(world.asked, 0);
  });

  it('refuses an unknown token, and queries again the next time', async () => {
    const { verifier, world } = verifierOver(LIVE);
    const unknown = sessionToken('other');
    await assert.rejects(verifier.verifyBearer(unknown), { code: 'unauthenticated' });
    await assert.rejects(verifier.verifyBearer(unknown), { code: 'unauthenticated' });
    assert.equal(world.asked, 2);
  });

  it('distinguishes ended sessions from unknown tokens', async () => {
    const revoked = verifierOver({ ...LIVE, revokedAt: 1 });
    await assert.rejects(revoked.verifier.verifyBearer(TOKEN), { code: 'session_expired' });
    const expired = verifierOver({ ...LIVE, expiresAt: 0 });
    await assert.rejects(expired.verifier.verifyBearer(TOKEN), { code: 'session_expired' });
  });

  it('queries once in 30 s', async () => {
    const { verifier, world } = verifierOver(LIVE);
    await verifier.verifyBearer(TOKEN);
    world.now = 30 * SECOND - 1;
    await verifier.verifyBearer(TOKEN);
    assert.equal(world.asked, 1);
    world.now = 30 * SECOND;
    await verifier.verifyBearer(TOKEN);
    assert.equal(world.asked, 2);
  });

  it('queries again after a session was forgotten', async () => {
    const { verifier, world } = verifierOver(LIVE);
    await verifier.verifyBearer(TOKEN);
    world.session = { ...LIVE, revokedAt: 1 };
    await verifier.verifyBearer(TOKEN);
    verifier.forget([LIVE.id]);
    await assert.rejects(verifier.verifyBearer(TOKEN), { code: 'session_expired' });
  });

  it('does not cache what it read before the session was forgotten', async () => {
    const { verifier, world } = verifierOver(LIVE);
    let answer = () => {};
    world.waiting = new Promise((resolve) => (answer = resolve));
    const reading = verifier.verifyBearer(TOKEN);
    world.session = { ...LIVE, revokedAt: 1 };
    verifier.forget([LIVE.id]);
    answer();
    await reading;
    await assert.rejects(verifier.verifyBearer(TOKEN), { code: 'session_expired' });
  });

  it('queries again when a session would expire, because its use may have extended it', async () => {
    const { verifier, world } = verifierOver({ ...LIVE, expiresAt: 10 * SECOND });
    await verifier.verifyBearer(TOKEN);
    world.session = LIVE;
    world.now = 11 * SECOND;
    assert.equal((await verifier.verifyBearer(TOKEN)).expiresAt, LIVE.expiresAt);
  });

  it('accepts a service token as a bearer token, but not a ticket', async () => {
    const { tokens, verifier } = verifierOver(LIVE);
    const claims = { audience: 'messaging', userId: 'user', sessionId: 'session' } as const;
    const service = await tokens.issue({ ...claims, kind: 'service' });
    const ticket = await tokens.issue({ ...claims, kind: 'ticket' });
    const internal = await tokens.issue({ ...claims, kind: 'internal' });
    assert.equal((await verifier.verifyBearer(service.token)).sessionId, 'session');
    for (const { token } of [ticket, internal]) {
      await assert.rejects(verifier.verifyBearer(token), { code: 'unauthenticated' });
    }
    assert.equal((await verifier.verifyHandshake(ticket.token)).sessionId, 'session');
    for (const { token } of [service, internal]) {
      await assert.rejects(verifier.verifyHandshake(token), { code: 'unauthenticated' });
    }
  });

  it('refuses tokens for another service', async () => {
    const { tokens, verifier } = verifierOver(LIVE, 'auth');
    const { token } = await tokens.issue({
      kind: 'service',
      audience: 'messaging',
      userId: 'user',
      sessionId: 'session',
    });
    await assert.rejects(verifier.verifyBearer(token), { code: 'unauthenticated' });
  });

  it('refuses a service token whose session has ended or belongs to another user', async () => {
    const { tokens, verifier, world } = verifierOver({ ...LIVE, revokedAt: 1 });
    const claims = { kind: 'service', audience: 'messaging', sessionId: 'session' } as const;
    const own = await tokens.issue({ ...claims, userId: 'user' });
    await assert.rejects(verifier.verifyBearer(own.token), { code: 'session_expired' });
    world.session = LIVE;
    const others = await tokens.issue({ ...claims, userId: 'other' });
    await assert.rejects(verifier.verifyBearer(others.token), { code: 'unauthenticated' });
  });
});
