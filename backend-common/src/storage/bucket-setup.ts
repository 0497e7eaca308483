import type { CORSRule } from '@aws-sdk/client-s3';

import { failureName, failureStatus } from './refusals.ts';
import { S3Connection, type LoadedConnection } from './s3-connection.ts';
import type { ObjectStoreSettings } from './settings.ts';
import { UPLOAD_RULES } from './upload-rules.ts';

/** Receives one line of text for each step of {@link setUpBucket}. */
export type SetupReport = (line: string) => void;

/**
 * Creates the bucket if it does not exist, and replaces its CORS rules so that they allow exactly these web origins.
 * Running it again changes nothing. Needs an access key that may administer buckets.
 * @throws the SDK's error if the store refuses
 */
export async function setUpBucket(
  settings: ObjectStoreSettings,
  origins: readonly string[],
  report: SetupReport,
): Promise<void> {
  const connection = new S3Connection(settings, settings.endpoint);
  try {
    const loaded = await connection.load();
    await ensureBucket(loaded, settings, report);
    await ensureRules(loaded, { bucket: settings.bucket, origins, report });
  } finally {
    connection.close();
  }
}

async function ensureBucket(
  { client, sdk }: LoadedConnection,
  { bucket, endpoint, region }: ObjectStoreSettings,
  report: SetupReport,
): Promise<void> {
  try {
    await client.send(new sdk.HeadBucketCommand({ Bucket: bucket }));
    report(`The bucket ${bucket} is there`);
  } catch (error) {
    if (failureStatus(error) !== 404) throw error;
    await client.send(
      new sdk.CreateBucketCommand({ Bucket: bucket, ...placeOf(endpoint, region) }),
    );
    report(`The bucket ${bucket} was created`);
  }
}

/** Only AWS requires a location, and not in its default region. */
function placeOf(endpoint: string, region: string): object {
  const isAws = new URL(endpoint).hostname.endsWith('.amazonaws.com');
  if (!isAws || region === 'us-east-1') return {};
  return { CreateBucketConfiguration: { LocationConstraint: region } };
}

async function ensureRules(
  { client, sdk }: LoadedConnection,
  {
    bucket,
    origins,
    report,
  }: { readonly bucket: string; readonly origins: readonly string[]; readonly report: SetupReport },
): Promise<void> {
  const wanted: CORSRule = {
    AllowedOrigins: [...origins],
    AllowedMethods: [...UPLOAD_RULES.methods],
    AllowedHeaders: [...UPLOAD_RULES.headers],
    ExposeHeaders: [...UPLOAD_RULES.exposed],
    MaxAgeSeconds: UPLOAD_RULES.maxAgeSeconds,
  };
  if (isSame(await presentRules({ client, sdk }, bucket), [wanted])) {
    report(`Its CORS rules let in ${origins.join(', ')} already`);
    return;
  }
  await client.send(
    new sdk.PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules: [wanted] } }),
  );
  report(`Its CORS rules now let in ${origins.join(', ')} and nobody else`);
}

async function presentRules(
  { client, sdk }: LoadedConnection,
  bucket: string,
): Promise<readonly CORSRule[]> {
  try {
    const { CORSRules } = await client.send(new sdk.GetBucketCorsCommand({ Bucket: bucket }));
    return CORSRules ?? [];
  } catch (error) {
    if (failureName(error) === 'NoSuchCORSConfiguration') return [];
    throw error;
  }
}

/** Ignores order and case, which stores change. */
function isSame(present: readonly CORSRule[], wanted: readonly CORSRule[]): boolean {
  return JSON.stringify(present.map(normalised)) === JSON.stringify(wanted.map(normalised));
}

function normalised(rule: CORSRule): readonly unknown[] {
  const sorted = (values: readonly string[] | undefined) =>
    (values ?? []).map((value) => value.toLowerCase()).toSorted();
  return [
    sorted(rule.AllowedOrigins),
    sorted(rule.AllowedMethods),
    sorted(rule.AllowedHeaders),
    sorted(rule.ExposeHeaders),
    rule.MaxAgeSeconds,
  ];
}
