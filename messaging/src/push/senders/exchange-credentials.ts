import { cert } from 'firebase-admin/app';

/**
 * Exchanges a Firebase service account for an access token, which shows that Google accepts its key. The token is
 * dropped.
 * @param path - of the JSON file of the service account
 * @throws if Google cannot be reached or refuses the key
 */
export async function exchangeCredentials(path: string): Promise<void> {
  await cert(path).getAccessToken();
}
