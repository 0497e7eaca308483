import assert from 'node:assert/strict';
import fc from 'fast-check';

import { contentDisposition } from '../../src/attachments/disposition.ts';

/** Reads the name as RFC 8187 says. */
function read(header: string): string {
  const encoded = /filename\*=UTF-8''([!#$&+.^_`|~A-Za-z0-9%-]*)$/.exec(header)?.[1] ?? '';
  return decodeURIComponent(encoded);
}

describe('the Content-Disposition of a download', () => {
  it('carries the name in any language', () => {
    for (const name of [
      'Menü für März.pdf',
      'تقرير سنوي.pdf',
      '报告 (终).docx',
      "it's*100%.txt",
      '🦊.png',
    ]) {
      assert.equal(read(contentDisposition('attachment', name)), name);
    }
  });

  it('has an ASCII form for clients that read no other', () => {
    const header = contentDisposition('attachment', 'Menü "März" \\ 100%.pdf');
    assert.match(header, /^attachment; filename="Menu _Marz_ _ 100_\.pdf"; /);
    assert.match(contentDisposition('inline', 'تقرير.png'), /^inline; filename="_____\.png"; /);
  });

  it('stays within the grammar of the header for any name', () => {
    const names = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(names, (name) => {
        const header = contentDisposition('attachment', name);
        assert.match(
          header,
          /^attachment; filename="[\u0020-\u0021\u0023-\u005b\u005d-\u007e]*"; filename\*=UTF-8''[!#$&+.^_`|~A-Za-z0-9%-]*$/,
        );
        assert.equal(read(header), name);
      }),
    );
  });
});
