import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { serviceEnvironment, VARIABLES } from '@parley/backend-common';
import { LIMITS, RATE_LIMITS, REGISTRATIONS_PER_HOUR } from '@parley/common';
import { files, found, read, ROOT } from './support/repository.ts';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const KIB = 1024;

/** Markdown without code, in which brackets and hashes mean something else. */
function prose(markdown: string): string {
  return markdown.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
}

/** The anchors that GitHub gives the headings of a page. */
function anchorsOf(markdown: string): Set<string> {
  const headings = [...prose(markdown).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\- _]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** The section below a heading of level 2. */
function section(markdown: string, heading: string): string {
  const [, text = ''] = markdown.split(`\n## ${heading}\n`);
  return text.split('\n## ')[0] ?? '';
}

const number = (value: number) => value.toLocaleString('en');

describe('the documents', () => {
  for (const document of files('*.md')) {
    it(`${document} has no broken link within the repository`, () => {
      const targets = [...prose(read(document)).matchAll(/\]\(([^)\s]+)\)/g)];
      const broken = targets
        .map(([, target = '']) => target)
        .filter((target) => !/^[a-z]+:/.test(target))
        .filter((target) => {
          const [path = '', anchor] = target.split('#');
          const file = path === '' ? document : normalize(join(dirname(document), path));
          if (!existsSync(join(ROOT, file))) return true;
          return anchor !== undefined && !anchorsOf(read(file)).has(anchor);
        });
      assert.deepEqual(broken, []);
    });
  }

  it('name no file or folder that does not exist', () => {
    const path =
      /`((?:common|backend-common|auth|messaging|web|client-common|client-web|dev|e2e|bench|docs)\/[\w./-]+)`/g;
    const missing = files('*.md', ':!docs/decisions').flatMap((document) =>
      found(prose(read(document)), path)
        .filter((name) => !/\/(?:dist|results)(?:\/|$)/.test(name))
        .filter((name) => !existsSync(join(ROOT, name)))
        .map((name) => `${document}: ${name}`),
    );
    assert.deepEqual(missing, []);
  });
});

describe('the variables of the configurations', () => {
  const schemas = [
    'backend-common/src/config/environment.ts',
    'backend-common/src/storage/settings.ts',
    ...['auth', 'messaging', 'web', 'dev'].map((name) => `${name}/src/config.ts`),
  ];
  const declared = found(schemas.map(read).join('\n'), /^ {2}([A-Z][A-Z0-9_]+):/gm);

  it('stand in .env.example, and no others', () => {
    assert.deepEqual(found(read('.env.example'), /^#([A-Z][A-Z0-9_]+)=/gm), declared);
  });

  it('stand in .env.example with the defaults that all services have', () => {
    const example = new Map(
      [...read('.env.example').matchAll(/^#([A-Z][A-Z0-9_]+)=(\S*)/gm)].map(
        ([, name = '', value = '']) => [name, value],
      ),
    );
    for (const [name, schema] of Object.entries(serviceEnvironment)) {
      // npm start has another one.
      if (name === 'PORT') continue;
      const { data, success } = schema.safeParse(undefined);
      const value = data === true ? 'on' : String(data ?? '');
      assert.equal(example.get(name), success ? value : '', name);
    }
  });

  it('that docker-compose.yml takes from .env are the ones that .env.example names', () => {
    const taken = found(read('docker-compose.yml'), /\$\{(\w+):/g);
    const [, line = ''] = /^# docker-compose.yml reads (.*)$/m.exec(read('.env.example')) ?? [];
    assert.deepEqual(found(line, /([A-Z][A-Z0-9_]+_[A-Z]+)/g), taken);
  });

  it('can be given as files, and no others', () => {
    assert.deepEqual(VARIABLES.toSorted(), declared);
  });
});

describe('docs/operations.md', () => {
  const text = read('docs/operations.md');

  it('names no variable that is not read', () => {
    const sources = files('*/src/*config.ts', 'backend-common/src/*.ts', 'dev/src/*.ts');
    const code = sources.map(read).join('\n');
    const named = found(text, /`((?:PARLEY|S3|MONGODB|REDIS|GOOGLE|METRICS)_[A-Z_]+)`/g);
    assert.deepEqual(
      named.filter((name) => !code.includes(name)),
      [],
    );
  });

  it('lists every collection, and no other', () => {
    const code = files('auth/src/*.ts', 'messaging/src/*.ts', 'backend-common/src/*.ts').map(read);
    const [, listed = ''] = /^Collections: (.*)$/m.exec(text) ?? [];
    assert.deepEqual(
      found(listed, /`([a-z_]+)`/g),
      found(code.join('\n'), /\bcollection(?:<[^>]*>)?\(\s*'([a-z_]+)'/g),
    );
  });

  for (const [what, figure] of Object.entries({
    'the size of a body': `${LIMITS.frameBytes / KIB} KiB`,
    'the life of a download URL': `${LIMITS.downloadUrl / 1_000} s`,
    'uploads that are not finished': `${LIMITS.pendingUploads} unfinished uploads`,
    'the time to finish an upload': `${LIMITS.uploadTime / 3_600_000} hours`,
    'the time that a message waits in an election': `${LIMITS.appendDeadline / 1_000} s`,
    'the queue of entries': number(LIMITS.appendQueue),
    'the time before a push': `\`${LIMITS.pushAfter}\``,
  })) {
    it(`gives ${what} as the code has it`, () => {
      assert.ok(text.includes(figure), `${figure} is missing`);
    });
  }
});

describe('docs/protocol.md', () => {
  const text = section(read('docs/protocol.md'), 'Limits');

  /** Every figure that the table of limits may contain. */
  const figures: readonly (string | number)[] = [
    ...[LIMITS.frameBytes / KIB, LIMITS.jsonDepth, LIMITS.jsonKeys, LIMITS.textMax],
    ...[LIMITS.textBytes, LIMITS.usernameMin, LIMITS.usernameMax, LIMITS.displayNameMax],
    ...[LIMITS.deviceNameMax, LIMITS.passwordMin, LIMITS.passwordMax, LIMITS.passwordBytes],
    ...[LIMITS.titleMax, LIMITS.groupMembers, LIMITS.idsPerCall, LIMITS.conversationsPerUser],
    ...[LIMITS.sessionsPerUser, LIMITS.devicesPerUser, LIMITS.pageDefault, LIMITS.pageMax],
    ...[LIMITS.syncMax, LIMITS.socketsPerUser, LIMITS.socketsPerAddress, LIMITS.watchedPerCall],
    ...[LIMITS.watchedPerSocket, LIMITS.appendQueue, LIMITS.appendQueuePerConversation],
    ...[LIMITS.attachmentBytes / GIB, LIMITS.attachmentPartBytes / MIB, LIMITS.pendingUploads],
    ...[LIMITS.attachmentNameBytes, LIMITS.attachmentTypeMax, LIMITS.uploadUrl / 3_600_000],
    ...[LIMITS.uploadTime / 3_600_000, LIMITS.downloadUrl / 1_000],
  ];

  it('gives every limit as the code has it, and no other figure', () => {
    const table = text.split('\n\n').find((block) => block.includes('| limit')) ?? '';
    const cells = table.split('\n').slice(2).join('\n');
    const written = new Set(cells.match(/\d+(?:,\d{3})*/g));
    const expected = new Set(figures.map((figure) => number(Number(figure))));
    // The shortest text is 1, and 10 GiB a day is a setting of the server.
    for (const other of ['1', '10']) expected.add(other);
    assert.deepEqual([...written].toSorted(), [...expected].toSorted());
  });

  it('gives the rate limits as the code has them', () => {
    for (const [name, { burst, perSecond }] of Object.entries(RATE_LIMITS)) {
      const [, row = ''] = new RegExp(`^\\| \`${name}\` +\\|([^|]+)\\|`, 'm').exec(text) ?? [];
      assert.deepEqual(row.match(/\d+/g), [String(perSecond), String(burst)], name);
    }
    assert.match(text, new RegExp(`${REGISTRATIONS_PER_HOUR} an hour`));
  });
});
