import assert from 'node:assert/strict';
import { fileTypeFromBuffer } from 'file-type';

import {
  agrees,
  canonicalType,
  kindOf,
  OPAQUE_TYPE,
  storedType,
} from '../../src/attachments/media-types.ts';
import { fixture, html, pdf, picture, svg, text, zip } from '../support/files.ts';

const passes = async (announced: string, bytes: Uint8Array) =>
  agrees(canonicalType(announced), (await fileTypeFromBuffer(bytes))?.mime);

describe('media types', () => {
  it('agree with the content of real files', async () => {
    const files = [
      await picture('png'),
      await picture('jpeg'),
      await picture('webp'),
      await picture('avif', { width: 64, height: 64 }),
      fixture('moving.gif', 'image/gif'),
      fixture('clip.mp4', 'video/mp4'),
      fixture('clip.mp4', 'video/quicktime'),
      fixture('clip.webm', 'video/webm'),
      fixture('voice.webm', 'audio/webm'),
      fixture('tone.mp3', 'audio/mp3'),
      fixture('tone.ogg', 'audio/ogg'),
      fixture('tone.m4a', 'audio/x-m4a'),
      fixture('tone.m4a', 'audio/mp4'),
      fixture('tone.wav', 'audio/x-wav'),
      fixture('tone.flac', 'audio/flac'),
      pdf(),
      zip(),
      { ...zip(), contentType: 'application/x-zip-compressed' },
      svg(),
      html(),
      text('Hello'),
      text('BMW is a car, and a text'),
      { ...(await picture('png')), contentType: OPAQUE_TYPE },
    ];
    for (const { bytes, contentType, name } of files) {
      assert.ok(await passes(contentType, bytes), `${name} as ${contentType}`);
    }
  });

  it('do not agree with other content', async () => {
    const png = (await picture('png')).bytes;
    const lies: [string, Uint8Array][] = [
      ['image/jpeg', png],
      ['video/mp4', png],
      ['application/pdf', png],
      ['text/plain', png],
      ['text/html', png],
      ['image/png', html().bytes],
      ['image/png', svg().bytes],
      ['image/png', pdf().bytes],
      ['video/webm', fixture('clip.mp4', '').bytes],
      ['audio/mpeg', Buffer.from('no sound')],
      ['application/zip', Buffer.from('no archive')],
      ['text/plain', pdf().bytes],
    ];
    for (const [announced, bytes] of lies) assert.ok(!(await passes(announced, bytes)), announced);
  });

  it('that a browser could run are stored as bytes and not shown in place', () => {
    const types = ['image/svg+xml', 'text/html', 'application/xhtml+xml', 'text/xml', 'text/plain'];
    for (const type of [...types, 'application/pdf', 'application/javascript', 'image/x-icon']) {
      assert.equal(kindOf(canonicalType(type)), 'file', type);
      assert.equal(storedType(canonicalType(type)), OPAQUE_TYPE, type);
    }
  });

  it('have one canonical name each', () => {
    assert.equal(canonicalType('audio/webm;codecs=opus'), 'audio/webm');
    assert.equal(canonicalType('image/jpg'), 'image/jpeg');
    assert.equal(kindOf(canonicalType('audio/x-m4a')), 'audio');
  });
});
