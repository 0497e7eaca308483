import assert from 'node:assert/strict';

import { openImaging } from '../../src/attachments/imaging.ts';
import { picture } from '../support/files.ts';

const LIBRARY = 'Could not load the "sharp" module using the linux-x64 runtime';
const error = (message: string, code?: string) => Object.assign(new Error(message), { code });

/** Imaging of which the first import fails, and what it reports. */
function imagingAfter(failure: Error) {
  const reports: (string | Error)[] = [];
  const failures = [failure];
  const imaging = openImaging({
    importSharp: async () => {
      const next = failures.pop();
      if (next !== undefined) throw next;
      return import('sharp');
    },
    onMissing: () => reports.push('missing'),
    onFault: (fault) => reports.push(fault as Error),
  });
  return { imaging, reports };
}

describe('the image library', () => {
  it('reads a picture, and is imported once for calls at the same time', async () => {
    let imports = 0;
    const imaging = openImaging({ importSharp: () => ((imports += 1), import('sharp')) });
    const { bytes } = await picture('png', { width: 30, height: 20 });
    const [dimensions, reads] = await Promise.all([
      imaging.dimensions(bytes),
      imaging.reads('image/png'),
    ]);
    assert.deepEqual([dimensions, reads, imports], [{ width: 30, height: 20 }, true, 1]);
  });

  for (const [what, failure] of [
    ['the package', error("Cannot find package 'sharp'", 'ERR_MODULE_NOT_FOUND')],
    ['its binary for the machine', error(`${LIBRARY}\nPossible solutions:\n- Ensure`)],
  ] as const) {
    it(`counts as not installed for good where ${what} is missing`, async () => {
      const { imaging, reports } = imagingAfter(failure);
      assert.equal(await imaging.reads('image/png'), false);
      assert.equal(await imaging.reads('image/png'), false);
      assert.deepEqual(reports, ['missing']);
    });
  }

  for (const failure of [
    error('too many open files', 'EMFILE'),
    error('Cannot allocate memory', 'ERR_DLOPEN_FAILED'),
    error(`${LIBRARY}\nERR_DLOPEN_FAILED: libvips.so: cannot open\nPossible solutions:`),
    error('Invalid package', 'ERR_INVALID_PACKAGE_CONFIG'),
  ]) {
    it(`is loaded again with the next image after a fault: ${failure.message.split('\n')[1] ?? failure.message}`, async () => {
      const { imaging, reports } = imagingAfter(failure);
      assert.equal(await imaging.reads('image/png'), false);
      assert.deepEqual(reports, [failure]);
      assert.equal(await imaging.reads('image/png'), true);
      assert.deepEqual(reports, [failure]);
    });
  }
});
