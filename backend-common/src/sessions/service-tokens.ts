import { AppError, LIMITS, SECOND, type Now } from '@parley/common';
import { SignJWT, errors, jwtVerify, type JWTVerifyOptions } from 'jose';

import type { Secrets } from '../config/environment.ts';
import { deriveKey } from './keys.ts';

/** A service that accepts tokens. */
export type Audience = 'auth' | 'messaging';

/** `service`: a service calls another for a user. `ticket`: a page opens a socket. `internal`: a call for no user. */
export type TokenKind = 'service' | 'ticket' | 'internal';

/** The claims of a service token. */
export interface ServiceClaims {
  readonly kind: TokenKind;
  readonly audience: Audience;
  /** User id; absent in `internal` tokens. */
  readonly userId?: string;
  readonly sessionId?: string;
}

/** Issues and verifies the tokens between services: JWT, HS256, valid for 30 s, for one audience. */
export class ServiceTokens {
  readonly #key: Uint8Array;
  readonly #previousKey: Uint8Array | undefined;
  readonly #now: Now;

  constructor({ now, previous, secret }: Secrets & { readonly now: Now }) {
    this.#key = deriveKey(secret, 'service-tokens');
    this.#previousKey = previous === undefined ? undefined : deriveKey(previous, 'service-tokens');
    this.#now = now;
  }

  /** Issues a token; answers when it expires (milliseconds since the epoch). */
  async issue(claims: ServiceClaims): Promise<{ token: string; expiresAt: number }> {
    const now = Math.floor(this.#now() / SECOND);
    const expires = now + LIMITS.serviceToken / SECOND;
    const jwt = new SignJWT({
      ...(claims.sessionId === undefined ? {} : { sid: claims.sessionId }),
      typ: claims.kind,
    })
      .setProtectedHeader({ alg: 'HS256' })
      .setAudience(claims.audience)
      .setIssuedAt(now)
      .setExpirationTime(expires);
    if (claims.userId !== undefined) jwt.setSubject(claims.userId);
    return { token: await jwt.sign(this.#key), expiresAt: expires * SECOND };
  }

  /** Checks signature (by the secret or the previous one), audience, kind and age. @throws AppError `unauthenticated` */
  async verify(
    token: string,
    expected: { audience: Audience; kind: TokenKind },
  ): Promise<ServiceClaims> {
    try {
      const { payload } = await this.#open(token, {
        algorithms: ['HS256'],
        audience: expected.audience,
        currentDate: new Date(this.#now()),
        clockTolerance: 5,
        requiredClaims: expected.kind === 'internal' ? ['exp'] : ['exp', 'sub', 'sid'],
      });
      if (payload['typ'] !== expected.kind) throw new Error('The token is of another kind');
      return {
        ...expected,
        ...(payload.sub === undefined ? {} : { userId: payload.sub }),
        ...(typeof payload['sid'] === 'string' ? { sessionId: payload['sid'] } : {}),
      };
    } catch (cause) {
      throw new AppError('unauthenticated', 'The token is not valid', { cause });
    }
  }

  async #open(token: string, options: JWTVerifyOptions) {
    try {
      return await jwtVerify(token, this.#key, options);
    } catch (error) {
      const isForeign = error instanceof errors.JWSSignatureVerificationFailed;
      if (!isForeign || this.#previousKey === undefined) throw error;
      return jwtVerify(token, this.#previousKey, options);
    }
  }
}

/** Whether a token has the shape of a JWT; session tokens have no dots. */
export function looksLikeServiceToken(token: string): boolean {
  return token.split('.').length === 3;
}
