import assert from 'node:assert/strict';

import {
  canonicalType,
  kindOf,
  OPAQUE_TYPE,
  storedType,
} from '../../src/attachments/media-types.ts';
import { recognise } from '../../src/attachments/recognition/recognise.ts';
import { fixture, html, pdf, picture, svg, zip } from '../support/files.ts';

const typeOf = (announced: string, bytes: Uint8Array, isWhole = true) =>
  recognise(bytes, { contentType: canonicalType(announced), isWhole });

describe('media types', () => {
  it('are recognised from the content, whatever was announced', async () => {
    const files: [type: string, bytes: Uint8Array][] = [
      ['image/png', (await picture('png')).bytes],
      ['image/jpeg', (await picture('jpeg')).bytes],
      ['image/webp', (await picture('webp')).bytes],
      ['image/avif', (await picture('avif', { width: 64, height: 64 })).bytes],
      ['image/gif', fixture('moving.gif', '').bytes],
      ['video/mp4', fixture('clip.mp4', '').bytes],
      ['video/webm', fixture('clip.webm', '').bytes],
      ['audio/webm', fixture('voice.webm', '').bytes],
      ['audio/mpeg', fixture('tone.mp3', '').bytes],
      ['audio/ogg', fixture('tone.ogg', '').bytes],
      ['audio/mp4', fixture('tone.m4a', '').bytes],
      ['audio/wav', fixture('tone.wav', '').bytes],
      ['audio/flac', fixture('tone.flac', '').bytes],
      ['application/pdf', pdf().bytes],
      ['application/zip', zip().bytes],
      ['image/svg+xml', svg().bytes],
      ['text/html', html().bytes],
      ['text/plain', Buffer.from('Hello')],
    ];
    const announcements = [OPAQUE_TYPE, 'image/png', 'video/mp4', 'text/plain', 'image/x-nothing'];
    for (const [type, bytes] of files) {
      for (const announced of announcements) {
        assert.equal(await typeOf(announced, bytes), type, `${type} announced as ${announced}`);
      }
    }
  });

  it('of text are those of text, also when it begins like another file', async () => {
    const texts = [
      '%PDF and other formats',
      '%PDF-1.7 is what a PDF begins with',
      'GIF89a was the second version',
      'ID3 tags, explained',
      'BMW is a car',
      'PK is a keyword',
      'MZ, said the linker',
      'RIFF of the dayWAVE',
      'OggS',
      'fLaC and other cODEcs',
      'II* and MM* are TIFF',
      '    ftypisom, and four blanks before it',
      '8BPS',
      'Rar! or zip?',
      'wOFF, wOF2 and OTTO',
      'FORM and LIST',
      'import type { Now } from "./time.ts";\n',
      '\n\n\nthree blank lines first',
      '\ufeffwith a byte order mark',
      'naïve café — 谢谢 😀',
    ];
    for (const content of texts) {
      for (const announced of ['text/plain', 'video/mp2t', 'application/pdf', OPAQUE_TYPE]) {
        assert.equal(await typeOf(announced, Buffer.from(content)), 'text/plain', content);
      }
      assert.equal(await typeOf('text/csv', Buffer.from(content)), 'text/csv', content);
    }
    const utf16 = Buffer.from('\ufeffName;Größe\r\n', 'utf16le');
    assert.equal(await typeOf('text/csv', utf16), 'text/csv');
    assert.equal(await typeOf(OPAQUE_TYPE, utf16.swap16()), 'text/plain');
    const cutCharacter = Buffer.from('Hello 😀').subarray(0, -1);
    assert.equal(await typeOf('text/plain', cutCharacter, false), 'text/plain');
    assert.equal(await typeOf('text/csv', Buffer.from('Größe;1', 'latin1')), 'text/csv');
  });

  it('that nothing tells are opaque', async () => {
    const noise = Buffer.from([0, 1, 2, 3, 250, 251, 252, 0, 7, 99, 0, 1]);
    for (const announced of ['image/png', 'text/html', 'application/x-made-up', OPAQUE_TYPE]) {
      assert.equal(await typeOf(announced, noise), OPAQUE_TYPE, announced);
      assert.equal(await typeOf(announced, Buffer.from([0])), OPAQUE_TYPE, announced);
    }
    assert.equal(await typeOf('text/plain', Buffer.from('Größe', 'latin1')), 'text/plain');
    assert.equal(await typeOf('image/png', Buffer.from('Größe', 'latin1')), OPAQUE_TYPE);
  });

  it('are found for any part of any file', async () => {
    const { bytes } = await picture('png');
    const files = [bytes, fixture('clip.mp4', '').bytes, fixture('tone.mp3', '').bytes];
    for (const file of [...files, pdf().bytes, zip().bytes]) {
      for (let end = 0; end < Math.min(file.length, 300); end += 7) {
        assert.match(await typeOf(OPAQUE_TYPE, file.subarray(0, end), false), /^[a-z]+\/./);
      }
    }
  });

  it('that a browser could run are stored as bytes and not shown in place', () => {
    const types = ['image/svg+xml', 'text/html', 'application/xhtml+xml', 'text/xml', 'text/plain'];
    for (const type of [...types, 'application/pdf', 'application/javascript', 'image/x-icon']) {
      assert.equal(kindOf(canonicalType(type)), 'file', type);
      assert.equal(storedType(canonicalType(type)), OPAQUE_TYPE, type);
    }
  });

  it('have one canonical name each', () => {
    const names = {
      'audio/webm;codecs=opus': 'audio/webm',
      'image/jpg': 'image/jpeg',
      'audio/x-m4b': 'audio/mp4',
      'audio/x-pn-wav': 'audio/wav',
      'audio/vnd.dlna.adts': 'audio/aac',
      'IMAGE/PNG': 'image/png',
    };
    for (const [name, canonical] of Object.entries(names)) {
      assert.equal(canonicalType(name), canonical);
    }
    assert.equal(kindOf(canonicalType('audio/x-m4a')), 'audio');
  });
});
