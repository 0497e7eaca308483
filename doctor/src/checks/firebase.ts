import { readFile } from 'node:fs/promises';

import { failure, ok, skipped, warning, type Check } from '../finding.ts';
import { messageOf } from '../run-checks.ts';

const UNREACHABLE =
  /ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|timed? ?out|network/i;

export const firebase: Check = {
  name: 'firebase',
  async run({ deployment: { settings }, exchange }) {
    const { GOOGLE_APPLICATION_CREDENTIALS: path, PARLEY_FIREBASE_WEB_CONFIG: web } = settings;
    if (path === undefined) {
      return skipped(
        'GOOGLE_APPLICATION_CREDENTIALS is not set or not usable: no pushes are sent.',
      );
    }
    const project = await projectOf(path);
    const webProject = web?.firebase.projectId;
    if (webProject !== undefined && webProject !== project) {
      return failure(
        `The service account is of the project ${project}, and PARLEY_FIREBASE_WEB_CONFIG of ${webProject}.`,
        'Use a service account and a web app of the same Firebase project.',
      );
    }
    try {
      await exchange(path);
    } catch (error) {
      const message = messageOf(error);
      if (UNREACHABLE.test(message)) {
        return warning(
          `The credentials of the project ${project} are well formed, but Firebase cannot be reached from here: ${message}.`,
          'Let the messaging nodes reach oauth2.googleapis.com and fcm.googleapis.com on port 443.',
        );
      }
      return failure(
        `Firebase refuses the service account of the project ${project}: ${message}.`,
        'Create a new private key under Service accounts in the Firebase console, and check whether the clock of this machine is right.',
      );
    }
    return ok(`Firebase accepts the service account of the project ${project}.`);
  },
};

/** The project of a service account. The file is valid: reading the configuration has checked it. */
async function projectOf(path: string): Promise<string> {
  const { project_id } = JSON.parse(await readFile(path, 'utf8')) as { project_id: string };
  return project_id;
}
