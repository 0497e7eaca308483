import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

const FOLDER = fileURLToPath(new URL('./', import.meta.url));

/** What an app has around a snippet, unless the snippet has it itself. */
const AROUND: Readonly<Record<string, string>> = {
  client: `declare const client: import('@parley/client-common').Client;`,
  credentials: 'declare const credentials: () => Promise<string>;',
  browserPlatform: `import { browserPlatform } from '@parley/client-common';`,
  createClient: `import { createClient } from '@parley/client-common';`,
  platform: "declare const platform: import('@parley/client-common').Platform;",
  id: 'declare const id: string;',
  conversationId: 'declare const conversationId: string;',
  messageId: 'declare const messageId: string;',
  token: 'declare const token: string;',
  file: 'declare const file: File;',
  measure: 'declare const measure: (file: File) => Promise<{ width: number; height: number }>;',
  image: 'declare const image: HTMLImageElement;',
  attachment: 'declare const attachment: { readonly id: string };',
  nativeUploader: `declare const nativeUploader: { put(request: object, progress: (bytes: number) => void): { answer: Promise<{ status: number; etag: string }>; cancel(): void }; stat(file: unknown): Promise<unknown> };`,
};

/** The used parts of packages that the repository does not install, as React Native 0.87 declares them. */
const PACKAGES = `
declare module 'react-native' {
  export const AppState: {
    currentState: string | null | undefined;
    addEventListener<Type extends 'change' | 'memoryWarning' | 'blur' | 'focus'>(
      type: Type,
      listener: (state: 'inactive' | 'background' | 'active' | 'extension' | 'unknown') => void,
    ): { remove(): void };
  };
}
declare module '@react-native-async-storage/async-storage' {
  const AsyncStorage: {
    getItem(key: string, callback?: (error?: Error | null, result?: string | null) => void): Promise<string | null>;
    setItem(key: string, value: string, callback?: (error?: Error | null) => void): Promise<void>;
    removeItem(key: string, callback?: (error?: Error | null) => void): Promise<void>;
    getAllKeys(callback?: (error?: Error | null, keys?: readonly string[] | null) => void): Promise<readonly string[]>;
  };
  export default AsyncStorage;
}
declare module 'node:fs' {
  type Mode = number | string;
  const fs: {
    mkdirSync(path: string, options: { recursive: true; mode?: Mode | undefined }): string | undefined;
    readFileSync(path: string, encoding: 'utf8'): string;
    writeFileSync(path: string, text: string, options?: { mode?: Mode | undefined; flush?: boolean | undefined }): void;
    renameSync(from: string, to: string): void;
    rmSync(path: string, options?: { force?: boolean | undefined }): void;
    readdirSync(path: string): string[];
  };
  export default fs;
}
declare module 'react-native-get-random-values' {}
declare module 'react' {
  export function useSyncExternalStore<T>(subscribe: (listener: () => void) => () => void, get: () => T): T;
}
`;

/** The snippets of the README as modules, each with what it takes as given. */
function snippets(): Map<string, string> {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const found = [...readme.matchAll(/```tsx?\n([^]*?)```/g)].map(([, code = '']) => code);
  return new Map(
    found.map((code, index) => {
      const around = Object.entries(AROUND).flatMap(([name, declaration]) => {
        const isUsed = new RegExp(`\\b${name}\\b`).test(code);
        const isOwn = new RegExp(
          `(const|let|function) (\\{[^}]*)?\\b${name}\\b|import \\{[^}]*\\b${name}\\b`,
        ).test(code);
        return isUsed && !isOwn ? [declaration] : [];
      });
      return [`${FOLDER}snippet-${index + 1}.ts`, `${around.join('\n')}\n${code}\nexport {};`];
    }),
  );
}

describe('The README', () => {
  it('has snippets that compile', () => {
    const files = new Map([...snippets(), [`${FOLDER}packages.d.ts`, PACKAGES]]);
    assert.ok(files.size > 8, `${files.size} files`);
    const options: ts.CompilerOptions = {
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
      customConditions: ['source'],
      strict: true,
      exactOptionalPropertyTypes: true,
      allowImportingTsExtensions: true,
      noEmit: true,
      skipLibCheck: true,
      types: [],
    };
    const disk = ts.createCompilerHost(options);
    const host: ts.CompilerHost = {
      ...disk,
      fileExists: (path) => files.has(path) || disk.fileExists(path),
      readFile: (path) => files.get(path) ?? disk.readFile(path),
      getSourceFile: (path, language) => {
        const code = files.get(path);
        return code === undefined
          ? disk.getSourceFile(path, language)
          : ts.createSourceFile(path, code, language);
      },
    };
    const program = ts.createProgram([...files.keys()], options, host);
    const faults = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
      const line = file && start !== undefined ? file.text.slice(start).split('\n')[0] : '';
      return `${file?.fileName.replace(FOLDER, '')}: ${ts.flattenDiagnosticMessageText(messageText, ' ')} at ${line}`;
    });
    assert.deepEqual(faults, []);
  }).timeout(300_000);
});
