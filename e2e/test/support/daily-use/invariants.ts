import type { Page } from 'playwright-core';

import { unreadOf, type StoredConversation, type StoredMessage } from './stored-conversations.ts';
import { viewOf, type PageView, type SeenMessage } from './page-view.ts';
import type { Person } from './person.ts';
import type { SentMessage, World } from './world.ts';

type Conversations = ReadonlyMap<string, StoredConversation>;

/** The state in which an action must leave the page of its person. */
export interface Ending {
  readonly by: Person;
  /** Where the focus is afterwards. */
  readonly focus: 'composer' | 'anywhere';
}

/** Compares both pages and the database with the model. Returns a sentence for each difference. */
export async function differences(world: World, ending: Ending | null): Promise<string[]> {
  const stored = await world.database.read();
  const found = world.people.flatMap(({ complaints, name }) =>
    complaints.map((complaint) => `${name}: ${complaint}`),
  );
  found.push(...storageFaults(world, stored));
  for (const person of world.people) {
    for (const page of person.pages) {
      const view = await viewOf(page);
      world.compared.pages += 1;
      world.compared.messages += view.messages.length;
      world.compared.rows += view.rows?.length ?? 0;
      const faults = [
        ...logFaults({ world, person, stored, view }),
        ...rowFaults({ world, person, stored, view }),
        ...draftFaults(person, view),
        ...lineFaults(person, page, view),
        ...(view.focus === 'body' && view.hadFocus ? ['nothing has the focus'] : []),
      ];
      if (ending?.by === person && page === person.page && ending.focus === 'composer') {
        if (!view.focus.includes('composer-field')) {
          faults.push(`the focus is not in the message field but on ${view.focus}`);
        }
      }
      found.push(...faults.map((fault) => `${person.name}: ${fault}`));
    }
  }
  return found;
}

/** Each text must be stored once, complete, in the order in which its sender wrote it. */
function storageFaults(world: World, stored: Conversations): string[] {
  const faults: string[] = [];
  const places = new Map<SentMessage, number>();
  for (const message of world.sent) {
    const { by, conversationId, isDeleted, isRefused, text, token } = message;
    const among = (stored.get(conversationId)?.messages ?? []).filter(
      ({ senderId }) => senderId === by.userId,
    );
    const isIt = (each: StoredMessage) => each.text?.split(/\s/, 1)[0] === token;
    const found = among.filter(isIt);
    if (isRefused || isDeleted) {
      if (found.length > 0) faults.push(`${token} is stored with its text`);
      continue;
    }
    if (!by.isOnline && found.length === 0) continue;
    // Everybody has left the group, so it was not read.
    if (!stored.has(conversationId)) continue;
    const [one] = found;
    if (one === undefined || found.length > 1) {
      faults.push(`${token} of ${by.name} is stored ${String(found.length)} times`);
      continue;
    }
    if (one.text !== text) {
      faults.push(`${token} is stored as ${JSON.stringify(one.text)}, not ${JSON.stringify(text)}`);
    }
    for (const [earlier, seq] of places) {
      if (seq > one.seq && isOrdered(earlier, message)) {
        faults.push(`${token} is stored before ${earlier.token}, which was written first`);
      }
    }
    places.set(message, one.seq);
  }
  for (const [source, count] of world.bareFiles) {
    const [name = '', conversationId = ''] = source.split(' ');
    const person = world.people.find((each) => each.name === name);
    const files = stored
      .get(conversationId)
      ?.messages.filter(
        ({ isDeleted, senderId, text }) =>
          senderId === person?.userId && text === null && !isDeleted,
      );
    if (person?.isOnline === true && files !== undefined && files.length !== count) {
      faults.push(
        `${name} has sent ${String(count)} files without caption, ${String(files.length)} are stored`,
      );
    }
  }
  return faults;
}

/**
 * Whether two messages must be stored in the order in which they were written. What two tabs of a person write while
 * they are offline is not ordered: each tab has an outbox of its own.
 */
function isOrdered(one: SentMessage, other: SentMessage): boolean {
  if (one.by !== other.by || one.conversationId !== other.conversationId) return false;
  return one.page === other.page || one.outage === null || one.outage !== other.outage;
}

interface Case {
  readonly world: World;
  readonly person: Person;
  readonly stored: Conversations;
  readonly view: PageView;
}

/** The open conversation must show the stored messages: in order, each once, complete, and up to the newest. */
function logFaults({ world, person, stored, view }: Case): string[] {
  const { conversationId, messages } = view;
  if (conversationId === null || !view.showsLog) return [];
  const conversation = stored.get(conversationId);
  const member = conversation?.members.get(person.userId);
  if (conversation === undefined || member === undefined) {
    return person.isOnline ? ['this person is not a member of the open conversation'] : [];
  }
  const faults: string[] = [];
  const visible = conversation.messages.filter(({ seq }) => seq >= member.joinedSeq);
  const places = new Map(visible.map(({ key }, index) => [key, index]));
  let before = -1;
  for (const message of messages) {
    const place = places.get(message.key);
    if (place === undefined) {
      if (!isWaiting(world, person, message)) {
        faults.push(`“${message.text}” (${message.tick}) is shown and not stored`);
      }
      continue;
    }
    if (before !== -1 && place !== before + 1) {
      faults.push(`message ${String(place)}, “${message.text}”, follows message ${String(before)}`);
    }
    before = place;
    faults.push(...messageFaults(person, message, visible[place]!));
  }
  if (person.isOnline && view.isAtEnd && before !== visible.length - 1) {
    faults.push(`message ${String(visible.length - 1)} is the newest, ${String(before)} is shown`);
  }
  const isSeen = view.isAtEnd && !view.isBehind;
  if (person.isOnline && isSeen && unreadOf(conversation, member) > 0) {
    faults.push('the end of the open conversation is not marked as read');
  }
  return faults;
}

/** Whether a message that is not stored may be shown: it waits for the network, or it was refused. */
function isWaiting(world: World, person: Person, message: SeenMessage): boolean {
  if (!message.key.startsWith(`${person.userId}:`)) return false;
  if (!person.isOnline) return message.tick === 'Sending';
  const token = message.text.split(/\s/, 1)[0];
  return (
    message.tick === 'Not sent' && world.sent.some((sent) => sent.token === token && sent.isRefused)
  );
}

function messageFaults(person: Person, seen: SeenMessage, stored: StoredMessage): string[] {
  const faults: string[] = [];
  const own = stored.senderId === person.userId;
  if (person.isOnline && seen.isDeleted !== stored.isDeleted) {
    faults.push(`${seen.key} is ${stored.isDeleted ? '' : 'not '}deleted, and shown otherwise`);
  }
  if (
    !seen.isDeleted &&
    !stored.isDeleted &&
    lettersOf(seen.text) !== lettersOf(stored.text ?? '')
  ) {
    faults.push(`“${stored.text ?? ''}” is shown as “${seen.text}”`);
  }
  if (!seen.isDeleted && !stored.isDeleted && seen.hasFile !== stored.hasFile) {
    faults.push(
      `“${stored.text ?? ''}” is ${stored.hasFile ? '' : 'not '}stored with a file, and shown otherwise`,
    );
  }
  if (person.isOnline && own && !seen.isDeleted && !/^(Sent|Delivered|Read)$/.test(seen.tick)) {
    faults.push(`“${seen.text}” is stored and marked “${seen.tick}”`);
  }
  return faults;
}

/** The characters of a text that formatting does not change. */
const lettersOf = (text: string) => text.replace(/[^\p{L}\p{N}\p{Extended_Pictographic}]/gu, '');

/** The list must have each conversation once, with the number of unread messages. */
function rowFaults({ person, stored, view }: Case): string[] {
  if (view.rows === null || !person.isOnline) return [];
  const faults: string[] = [];
  const isFiltered = view.panel === 'archived';
  const mine = [...stored.values()].flatMap((conversation) => {
    const member = conversation.members.get(person.userId);
    return member === undefined ? [] : [{ conversation, member }];
  });
  if (new Set(view.rows.map(({ id }) => id)).size !== view.rows.length) {
    faults.push('the list has a conversation twice');
  }
  for (const { conversation, member } of mine) {
    const row = view.rows.find(({ id }) => id === conversation.id);
    if (row === undefined) {
      // An empty direct conversation is shown only to the person who opened it.
      const isShown = conversation.kind === 'group' || conversation.messages.length > 0;
      if (isShown && member.isArchived === isFiltered) {
        faults.push(`the list lacks ${conversation.id}`);
      }
      continue;
    }
    const unread = unreadOf(conversation, member);
    if (row.unread !== unread) {
      faults.push(
        `the badge of ${conversation.id} says ${String(row.unread)}, not ${String(unread)}`,
      );
    }
    if (row.isMarked !== (member.isMarked && unread === 0)) {
      faults.push(`${conversation.id} is ${row.isMarked ? '' : 'not '}shown as marked unread`);
    }
  }
  for (const { id } of view.rows) {
    if (!mine.some(({ conversation }) => conversation.id === id)) {
      faults.push(`the list has ${id}, but this person is not a member of it`);
    }
  }
  return faults;
}

/** The message field must contain the text that was typed and not sent in this conversation. */
function draftFaults(person: Person, { conversationId, draft }: PageView): string[] {
  if (conversationId === null || draft === null) return [];
  const expected = person.drafts.get(conversationId) ?? '';
  if (draft === expected) return [];
  return [`the draft is ${JSON.stringify(draft)}, not ${JSON.stringify(expected)}`];
}

/**
 * An unread line may be shown only if there were unread messages when the conversation was opened, or if they arrived
 * while the tab was behind another one.
 */
function lineFaults(person: Person, page: Page, { isBehind, line }: PageView): string[] {
  if (isBehind) person.lines.set(page, true);
  return line !== null && person.lines.get(page) !== true ? ['a stale unread line is shown'] : [];
}
