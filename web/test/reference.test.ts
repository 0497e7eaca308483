import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { ERRORS } from '@parley/common';
import { authOperations, events, handshakeAuth, operations } from '@parley/common/contract';
import type { z } from 'zod';

import { readCatalogue } from '../src/docs/catalogue.ts';
import { createReference } from '../src/docs/documents.ts';
import { namedSchemas, type NounName } from '../src/docs/named-schemas.ts';
import { attachmentNotes } from '../src/docs/notes/attachments.ts';
import { authNotes } from '../src/docs/notes/auth.ts';
import { blockNotes } from '../src/docs/notes/blocks.ts';
import { conversationNotes, memberNotes } from '../src/docs/notes/conversations.ts';
import { deviceNotes } from '../src/docs/notes/devices.ts';
import { messageNotes } from '../src/docs/notes/messages.ts';
import { nounNotes } from '../src/docs/notes/nouns.ts';
import { partnerNotes } from '../src/docs/notes/partners.ts';
import { presenceNotes } from '../src/docs/notes/presence.ts';
import { html, prose } from '../src/docs/page/markup.ts';
import { DOC_PATHS } from '../src/docs/page/reference-page.ts';
import { TOKENS } from '../src/docs/page/stylesheet.ts';

const catalogue = readCatalogue();
const page = createReference().get(DOC_PATHS.page) ?? '';
const notes = {
  ...authNotes,
  ...conversationNotes,
  ...memberNotes,
  ...messageNotes,
  ...blockNotes,
  ...partnerNotes,
  ...presenceNotes,
  ...attachmentNotes,
  ...deviceNotes,
};
const declared = { ...authOperations, ...operations };

function matches(pattern: RegExp): string[] {
  return [...page.matchAll(pattern)].map(([, found = '']) => found);
}

describe('the notes on the contract', () => {
  it('cover every operation and event', () => {
    assert.deepEqual(
      catalogue.operations.map(({ name }) => name).sort(),
      Object.keys(declared).sort(),
    );
    assert.deepEqual(
      catalogue.events.map(({ name }) => name),
      Object.keys(events),
    );
  });

  for (const { example, name } of catalogue.operations) {
    it(`have an example of ${name} that the contract takes as it is`, () => {
      const { input, output } = declared[name as keyof typeof declared];
      input.parse(example.input);
      assert.deepEqual((output as z.ZodType).parse(example.output), example.output);
    });
  }

  for (const { example, name } of [...catalogue.events, catalogue.handshake]) {
    it(`have an example of the event ${name} that the contract takes as it is`, () => {
      const schema = name === 'connect' ? handshakeAuth : events[name as keyof typeof events];
      assert.deepEqual((schema as z.ZodType).parse(example), example);
    });
  }

  for (const name of Object.keys(namedSchemas) as NounName[]) {
    it(`tell only of fields that ${name} has`, () => {
      const { properties = {} } = catalogue.nouns[name];
      for (const field of Object.keys(nounNotes[name].fields ?? {})) {
        assert.ok(field in properties, `${name} has no field ${field}`);
      }
    });
  }

  it('tell only of fields that an input has', () => {
    for (const { input, name } of catalogue.operations) {
      const has = (input.oneOf ?? [input]).flatMap(({ properties = {} }) =>
        Object.keys(properties),
      );
      const told: object = notes[name as keyof typeof notes].fields ?? {};
      for (const field of Object.keys(told)) assert.ok(has.includes(field), `${name}: ${field}`);
    }
  });

  it('give a noun the bounds of the contract, in code points', () => {
    const { nouns } = catalogue;
    assert.deepEqual([nouns.Text.minLength, nouns.Text.maxLength], [1, 10_000]);
    assert.deepEqual([nouns.Username.minLength, nouns.Username.maxLength], [3, 32]);
    const username = new RegExp(nouns.Username.pattern ?? '');
    for (const name of ['ann', 'a.b', 'Ann-2', 'a', '.ann', 'ann.', 'änn', 'a'.repeat(33)]) {
      const fits = username.test(name);
      assert.equal(fits, namedSchemas.Username.safeParse(name).success, name);
    }
  });

  it('let unknown fields pass in what is answered, and in nothing that is sent', () => {
    for (const noun of Object.values(catalogue.nouns)) {
      assert.equal(noun.additionalProperties, undefined);
    }
    for (const { input } of catalogue.operations) {
      for (const variant of input.oneOf ?? [input]) {
        assert.equal(variant.additionalProperties, false);
      }
    }
  });
});

describe('the page of the contract', () => {
  it('shows every operation, event and noun, and every code that is answered', () => {
    for (const { name } of catalogue.operations) assert.ok(page.includes(`<code>${name}</code>`));
    for (const { name } of catalogue.events) assert.ok(page.includes(`<code>${name}</code>`));
    const ids = new Set(matches(/ id="([^"]+)"/g));
    for (const name of Object.keys(catalogue.nouns)) assert.ok(ids.has(`noun-${name}`), name);
    for (const { errors } of catalogue.operations) {
      for (const code of errors) assert.ok(ids.has(`error-${code}`), code);
    }
  });

  it('has each place once and no link that leads nowhere', () => {
    const ids = matches(/ id="([^"]+)"/g);
    assert.equal(new Set(ids).size, ids.length);
    for (const target of matches(/ href="#([^"]+)"/g)) assert.ok(ids.includes(target), target);
  });

  it('loads nothing from elsewhere and brings neither script nor inline style', () => {
    assert.doesNotMatch(page, /<script|\sstyle=|\son\w+=|<iframe|<object/i);
    assert.deepEqual([...new Set(matches(/ (?:href|src)="([^#"][^"]*)"/g))].sort(), [
      '/docs/asyncapi.json',
      '/docs/openapi.json',
      '/docs/reference.css',
      '/favicon.svg',
    ]);
    assert.doesNotMatch(createReference().get(DOC_PATHS.stylesheet) ?? '', /url\(|@import|http/);
  });

  it('is the same each time', () => {
    assert.deepEqual([...createReference()], [...createReference()]);
  });

  it('shows text as text', () => {
    const hostile = `<img src=x onerror="alert('&')">`;
    const escaped = '&lt;img src=x onerror=&quot;alert(&#39;&amp;&#39;)&quot;&gt;';
    assert.equal(
      html`<p title="${hostile}">${hostile}</p>`.markup,
      `<p title="${escaped}">${escaped}</p>`,
    );
    assert.equal(prose('a `<b>` c').markup, 'a <code>&lt;b&gt;</code> c');
    assert.equal(html`${[undefined, 1, html`<br />`]}`.markup, '1<br />');
  });

  it('has the colours of the web app', async () => {
    const file = new URL('../../client-web/src/ui/tokens.css', import.meta.url);
    const app = await readFile(file, 'utf8');
    for (const [name, value] of Object.entries(TOKENS)) {
      assert.ok(app.includes(`  ${name}: ${value};`), `${name} is another in the web app`);
    }
  });

  it('shows no code of an error that the contract does not have', () => {
    for (const code of matches(/ id="error-([^"]+)"/g)) assert.ok(code in ERRORS);
  });
});
