import { failureName, failureStatus } from './refusals.ts';
import { S3Connection } from './s3-connection.ts';
import type { ObjectStoreSettings } from './settings.ts';

/** Whether a bucket aborts incomplete uploads by itself; `unknown` where the store or the key does not say. */
export type UploadExpiry = 'present' | 'absent' | 'unknown';

/** Asks for the lifecycle rules of the bucket. @throws the SDK's error if the store does not answer */
export async function readUploadExpiry(settings: ObjectStoreSettings): Promise<UploadExpiry> {
  const connection = new S3Connection(settings, settings.endpoint);
  try {
    const { client, sdk } = await connection.load();
    const { Rules = [] } = await client.send(
      new sdk.GetBucketLifecycleConfigurationCommand({ Bucket: settings.bucket }),
    );
    const aborts = Rules.some(
      ({ AbortIncompleteMultipartUpload: abort, Status }) =>
        Status === 'Enabled' && abort !== undefined,
    );
    return aborts ? 'present' : 'absent';
  } catch (error) {
    if (failureName(error) === 'NoSuchLifecycleConfiguration') return 'absent';
    if (failureStatus(error) > 0) return 'unknown';
    throw error;
  } finally {
    connection.close();
  }
}
