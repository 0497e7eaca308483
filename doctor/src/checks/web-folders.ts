import { access } from 'node:fs/promises';
import { join } from 'node:path';

import { failure, ok, skipped, type Check } from '../finding.ts';

const VARIABLES = ['PARLEY_WEB_ROOT', 'PARLEY_DOCS_ROOT'] as const;

export const webFolders: Check = {
  name: 'web-folders',
  async run({ deployment: { settings } }) {
    const given = VARIABLES.flatMap((name) => {
      const folder = settings[name];
      return folder === undefined ? [] : [{ name, folder }];
    });
    if (given.length === 0) return skipped('No folder with built pages is set.');
    const states = await Promise.all(
      given.map(async ({ folder, name }) => ({ name, folder, isBuilt: await isBuilt(folder) })),
    );
    const missing = states.filter(({ isBuilt: is }) => !is);
    if (missing.length > 0) {
      return failure(
        missing.map(({ folder, name }) => `${name}, ${folder}, has no index.html.`).join('\n'),
        'Build them with npm run build: client-web/dist is the web app and web/dist/docs the API reference.',
      );
    }
    return ok('The pages are built.');
  },
};

async function isBuilt(folder: string): Promise<boolean> {
  try {
    await access(join(folder, 'index.html'));
    return true;
  } catch {
    return false;
  }
}
