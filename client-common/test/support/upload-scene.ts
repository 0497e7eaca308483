import type { KeyValueStore, Platform } from '../../src/core/platform.ts';
import { type Client, type Delivery, type MessageItem, memoryStore } from '../../src/index.ts';
import {
  createUploads,
  type FileStore,
  memoryFiles,
  type UploadsOptions,
} from '../../src/uploads/index.ts';
import { FakeAttachments } from './attachments.ts';
import type { Call } from './fake-server.ts';
import { FakeStore } from './fake-store.ts';
import { Scene } from './scene.ts';
import type { Conversation } from './world.ts';

/** A scene with an object store and the storage of one device. */
export class UploadScene {
  readonly scene: Scene;
  readonly store: FakeStore;
  readonly attachments: FakeAttachments;
  readonly conversation: Conversation;
  /** The storage of the device. All clients that this scene creates share it, as tabs do. */
  readonly storage: KeyValueStore = memoryStore();
  readonly files: FileStore = memoryFiles();

  private constructor(scene: Scene) {
    this.scene = scene;
    this.store = new FakeStore(scene.time.now);
    this.attachments = new FakeAttachments(this.store);
    scene.server.world.attachments = this.attachments;
    this.conversation = scene.createConversation();
  }

  static async open(): Promise<UploadScene> {
    return new UploadScene(await Scene.open());
  }

  /** A client of Ada that shows the conversation. */
  async client(
    parts: Partial<UploadsOptions> = {},
    platform: Partial<Platform> = {},
  ): Promise<Client> {
    const { scene, storage, files, store } = this;
    const { now, setTimeout } = scene.time;
    const client = await scene.online(scene.ada, {
      uploads: createUploads({ transfer: store, files, ...parts }),
      platform: { storage, now, setTimeout, ...platform },
    });
    client.conversation(this.conversation.id).timeline.subscribe(() => undefined);
    await scene.until('a page', () => this.#items(client).length > 0);
    return client;
  }

  send(client: Client, file: File, text?: string): string {
    return client.uploads!.send(this.conversation.id, file, text === undefined ? {} : { text });
  }

  /** The messages that the timeline shows. */
  messages(client: Client): MessageItem[] {
    return this.#items(client).flatMap((item) => (item.kind === 'message' ? [item] : []));
  }

  deliveries(client: Client): (Delivery | null)[] {
    return this.messages(client).map(({ delivery }) => delivery);
  }

  /** How far the last message is. */
  last(client: Client): Delivery | null | undefined {
    return this.deliveries(client).at(-1);
  }

  async sent(client: Client): Promise<void> {
    await this.scene.until('all sent', () => {
      const all = this.deliveries(client);
      return all.length > 0 && all.every((delivery) => delivery?.state === 'sent');
    });
  }

  async failed(client: Client): Promise<string> {
    await this.scene.until('a failure', () => this.last(client)?.state === 'failed');
    const delivery = this.last(client);
    return delivery?.state === 'failed' ? delivery.code : '';
  }

  /** What the server stored: texts, or names of files. */
  stored(): (string | null)[] {
    return this.conversation.entries.flatMap((entry) =>
      entry.kind === 'message' ? [entry.attachment?.name ?? entry.text] : [],
    );
  }

  calls(name: Call['name']): Call['input'][] {
    return this.scene.server.inputs(name);
  }

  /** What the device keeps of files and of messages on their way. */
  async kept(): Promise<string[]> {
    const keys = await this.storage.keys();
    const left = keys.filter((key) => /outbox|upload/.test(key));
    return [...left, ...(await this.files.keys())];
  }

  #items(client: Client) {
    return client.conversation(this.conversation.id).timeline.get().items;
  }
}

/** A file of `size` bytes, each another one than its neighbours. */
export function fileOf(size: number, name = `${size}.bin`): File {
  const bytes = Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) % 251);
  return new File([bytes], name, { type: 'application/x-test', lastModified: 1_000 });
}
