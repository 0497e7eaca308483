import type { Browser, Page } from 'playwright-core';

import { openChat, say } from '../browser.ts';
import { poll } from '../poll.ts';
import type { Random } from '../faults/random.ts';
import { register, type Account } from '../plain-client.ts';
import type { TestStack } from '../stack.ts';
import { StoredConversations, type StoredConversation } from './stored-conversations.ts';
import { openIn, Person } from './person.ts';

/** A message that one of the two people has sent, as both must see it. */
export interface SentMessage {
  /** `#` and a number. The text begins with it. */
  readonly token: string;
  readonly text: string;
  readonly by: Person;
  readonly conversationId: string;
  /** The tab in which it was written. */
  readonly page: Page;
  /** The outage of its sender in which it was written, counted from 1; `null`: the sender was online. */
  readonly outage: number | null;
  isDeleted: boolean;
  /** The server has refused it, because one has blocked the other. */
  isRefused: boolean;
}

/** The model: both people, the users whom they write to, and what the pages must show. */
export class World {
  readonly parley: TestStack;
  readonly people: readonly [Person, Person];
  /** Users without a browser: others of groups and of direct conversations. */
  readonly others: readonly Account[];
  readonly database: StoredConversations;
  readonly random: Random;
  readonly sent: SentMessage[] = [];
  /** Files that were sent without a caption, by sender and conversation. */
  readonly bareFiles = new Map<string, number>();
  /** Which of the two people has blocked the other. */
  blockedBy: Person | null = null;
  areLinked = false;
  /** How much was compared with the model, in all comparisons together. */
  readonly compared = { pages: 0, messages: 0, rows: 0 };
  #count = 0;

  private constructor(parts: Pick<World, 'parley' | 'people' | 'others' | 'database' | 'random'>) {
    this.parley = parts.parley;
    this.people = parts.people;
    this.others = parts.others;
    this.database = parts.database;
    this.random = parts.random;
  }

  static async begin(parts: WorldParts): Promise<World> {
    const { browsers, parley, random, databaseUri } = parts;
    // These come first, because they leave nothing open if they fail.
    const others = [await registerOther(parley, 'Cem'), await registerOther(parley, 'Dee')];
    const people = [
      await Person.enter('Ann', browsers[0], parley),
      await Person.enter('Ben', browsers[1], parley),
    ] as const;
    const database = await StoredConversations.open(databaseUri);
    const world = new World({ parley, people, others, random, database });
    // Most actions need a conversation with a message in it.
    const [ann, ben] = people;
    await openChat(ann, ben);
    const token = world.nextToken();
    await say(ann, `${token} hello`);
    world.noteSent(ann, token, `${token} hello`);
    return world;
  }

  async end(): Promise<void> {
    await Promise.all(this.people.map((person) => person.close()));
    await this.database.close();
  }

  otherThan(person: Person): Person {
    return this.people[0] === person ? this.people[1] : this.people[0];
  }

  /** A word that no other message has. */
  nextToken(): string {
    this.#count += 1;
    return `#${String(this.#count)}`;
  }

  /** The conversation that a person looks at; fails if there is none. */
  current(person: Person): string {
    const id = openIn(person.page);
    if (id === null) throw new Error(`${person.name} has no conversation open`);
    return id;
  }

  /** Notes that a person has sent a text in the open conversation. */
  noteSent(person: Person, token: string, text: string): SentMessage {
    const conversationId = this.current(person);
    const message: SentMessage = {
      ...{ token, text, by: person, conversationId, page: person.page },
      outage: person.isOnline ? null : person.outages,
      isDeleted: false,
      isRefused: false,
    };
    this.sent.push(message);
    for (const page of person.pages) {
      if (openIn(page) === conversationId) person.lines.set(page, false);
    }
    return message;
  }

  noteBareFile(person: Person): void {
    const key = `${person.name} ${this.current(person)}`;
    this.bareFiles.set(key, (this.bareFiles.get(key) ?? 0) + 1);
  }

  /** Whether the two cannot write to each other in a conversation. */
  isClosed(conversation: StoredConversation): boolean {
    if (this.blockedBy === null || conversation.kind === 'group') return false;
    return this.people.every(({ userId }) => conversation.members.has(userId));
  }
}

/** On a slow machine the server may answer that the request must be repeated, because hashing takes too long. */
const registerOther = ({ origin }: TestStack, name: string): Promise<Account> =>
  poll(() =>
    register(origin, name).catch((error: unknown) => {
      if (!String(error).includes('503')) throw error;
      return undefined;
    }),
  );

interface WorldParts {
  /** Those of Ann and of Ben. */
  readonly browsers: readonly [Browser, Browser];
  readonly parley: TestStack;
  readonly random: Random;
  readonly databaseUri: string;
}
