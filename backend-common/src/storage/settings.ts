import { z } from 'zod';

import { ConfigError } from '../config/environment.ts';

/** The origin of a store. Bucket names are in the path, so all buckets share it. */
const endpoint = z
  .string()
  .refine((value) => /^https?:\/\/[^/?#@]+\/?$/.test(value) && URL.canParse(value), {
    message: 'Must be a URL such as https://s3.example.org, without a path',
  })
  .transform((value) => new URL(value).origin);

/** Variables of a service that only needs the store's address, for browsers. */
export const objectStoreAddress = {
  S3_ENDPOINT: endpoint.optional(),
  S3_PUBLIC_ENDPOINT: endpoint.optional(),
};

/** Variables of a service that uses the store; there is no store if all are absent. */
export const objectStoreEnvironment = {
  ...objectStoreAddress,
  S3_REGION: z.string().optional(),
  S3_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'Must be the name of a bucket')
    .optional(),
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
};

type ObjectStoreEnvironment = {
  readonly [Name in keyof typeof objectStoreEnvironment]?: string | undefined;
};

/** The store and the access key to use. */
export interface ObjectStoreSettings {
  /** Where services reach the store. */
  readonly endpoint: string;
  /** Where browsers and phones reach the store; used in presigned URLs. */
  readonly publicEndpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Redacted in logs. */
  readonly secret: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const REQUIRED = ['S3_ENDPOINT', 'S3_BUCKET', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'] as const;
/** Accepted by every store except AWS itself; R2 treats it as `auto`. */
const DEFAULT_REGION = 'us-east-1';

/**
 * The configured store; undefined if no variable is set.
 * @throws ConfigError that names the missing variables if only some are set
 */
export function readObjectStoreSettings(
  given: ObjectStoreEnvironment,
): ObjectStoreSettings | undefined {
  const names = Object.keys(objectStoreEnvironment) as (keyof ObjectStoreEnvironment)[];
  if (names.every((name) => given[name] === undefined)) return undefined;
  const {
    S3_ENDPOINT: inner,
    S3_BUCKET: bucket,
    S3_ACCESS_KEY_ID: accessKeyId,
    S3_SECRET_ACCESS_KEY: secretAccessKey,
  } = given;
  if (
    inner === undefined ||
    bucket === undefined ||
    accessKeyId === undefined ||
    secretAccessKey === undefined
  ) {
    const missing = REQUIRED.filter((name) => given[name] === undefined);
    throw new ConfigError(
      `The object store is set up in part: ${missing.join(', ')} missing. Set these too, or none of S3_*.`,
    );
  }
  return {
    endpoint: inner,
    publicEndpoint: given.S3_PUBLIC_ENDPOINT ?? inner,
    region: given.S3_REGION ?? DEFAULT_REGION,
    bucket,
    secret: { accessKeyId, secretAccessKey },
  };
}
