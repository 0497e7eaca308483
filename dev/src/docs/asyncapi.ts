import { CONTRACT, TAGS } from '@parley/common/contract';

import type { Catalogue, EventEntry, OperationEntry } from './catalogue.ts';
import { errorSchemas } from './errors.ts';
import { introductionText } from './introduction.ts';
import { refTo, type Schema } from './json-schema.ts';

const CHANNEL = '#/channels/socket';
const EMPTY: Schema = { type: 'object', description: 'No data.' };

/** The Socket.IO side of the contract as an AsyncAPI 3.0 document, as the server sees it. */
export function asyncapiDocument({ events, handshake, operations, schemas }: Catalogue): object {
  const called = operations.filter(({ isSocket }) => isSocket);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Parley over Socket.IO',
      version: `${CONTRACT.version}.${CONTRACT.revision}.0`,
      description: introductionText(),
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      tags: [...new Set(called.map(({ tag }) => tag))].map((name) => ({
        name,
        description: TAGS[name],
      })),
    },
    defaultContentType: 'application/json',
    servers: { parley: server },
    channels: { socket: channelOf(called, { events, handshake }) },
    operations: {
      connect: connectOperation(handshake),
      ...Object.fromEntries(called.map((operation) => [operation.id, calledOperation(operation)])),
      ...Object.fromEntries(events.map((event) => [sentId(event), sentOperation(event)])),
    },
    components: {
      schemas: { ...schemas, Error: errorSchemas.Error },
      securitySchemes: {
        handshake: {
          type: 'apiKey',
          in: 'password',
          description:
            'The field `token` of the `auth` that a client sends with its CONNECT packet: a session token, or a ticket of the web service.',
        },
      },
    },
  };
}

const server = {
  host: 'chat.example.org',
  pathname: '/socket.io/',
  protocol: 'wss',
  description:
    'Socket.IO protocol 5 over Engine.IO 4, the namespace `/`, WebSocket only unless the server allows long polling.',
  security: [{ $ref: '#/components/securitySchemes/handshake' }],
};

type Messages = Record<string, object>;

function channelOf(
  called: readonly OperationEntry[],
  { events, handshake }: Pick<Catalogue, 'events' | 'handshake'>,
): object {
  const messages: Messages = { connect: messageOf(handshake), connectError: refusal };
  for (const operation of called) {
    const { description, example, id, input, name, summary } = operation;
    const payload = { ...input };
    messages[id] = messageOf({ name, summary, description, payload, example: example.input });
    messages[`${id}Reply`] = replyOf(operation);
  }
  for (const event of events) messages[sentId(event)] = messageOf(event);
  messages['syncPageReply'] = {
    name: 'sync:page',
    title: 'The acknowledgement of sync:page',
    summary: 'The client has the page',
    payload: { description: 'No argument; the server ignores any.' },
  };
  return {
    address: '/socket.io/',
    title: 'The socket of one client',
    description:
      'Each message is an event of Socket.IO: a name, one argument, and an acknowledgement if it is answered.',
    messages,
    bindings: { ws: { method: 'GET', query: query, bindingVersion: '0.1.0' } },
  };
}

const query: Schema = {
  type: 'object',
  properties: { EIO: { const: '4' }, transport: { const: 'websocket' } },
  required: ['EIO', 'transport'],
};

const refusal = {
  name: 'connect_error',
  title: 'connect_error',
  summary: 'The handshake was refused',
  description: 'The `message` is the code; `data` is the error.',
  payload: {
    type: 'object',
    properties: { message: refTo('ErrorCode'), data: refTo('Error') },
    required: ['message', 'data'],
  },
};

function messageOf(event: Omit<EventEntry, 'id'>): object {
  const { description, example, name, payload, summary } = event;
  return {
    name,
    title: name,
    summary,
    ...(description === '' ? {} : { description }),
    payload,
    examples: [{ payload: example }],
  };
}

function replyOf({ example, name, output = EMPTY }: OperationEntry): object {
  return {
    name,
    title: `The acknowledgement of ${name}`,
    payload: {
      oneOf: [
        {
          type: 'object',
          properties: { ok: { const: true }, data: output },
          required: ['ok', 'data'],
        },
        {
          type: 'object',
          properties: { ok: { const: false }, error: refTo('Error') },
          required: ['ok', 'error'],
        },
      ],
    },
    examples: [{ payload: { ok: true, data: example.output } }],
  };
}

function connectOperation({ description, summary }: EventEntry): object {
  return {
    action: 'receive',
    ...inChannel('connect'),
    title: 'connect',
    summary,
    description,
    reply: reply('ready', 'connectError'),
  };
}

function calledOperation({ description, errors, id, limits, name, summary, tag }: OperationEntry) {
  const ownErrors = errors.map((code) => `\`${code}\``).join(', ');
  return {
    action: 'receive',
    ...inChannel(id),
    title: name,
    summary,
    description: [
      description,
      `Limits: ${limits}`,
      ...(ownErrors === '' ? [] : [`Errors of its own: ${ownErrors}.`]),
    ]
      .filter(Boolean)
      .join('\n\n'),
    tags: [{ name: tag }],
    reply: reply(`${id}Reply`),
  };
}

function sentOperation(event: EventEntry): object {
  const { description, name, summary } = event;
  return {
    action: 'send',
    ...inChannel(sentId(event)),
    title: name,
    summary,
    description,
    ...(name === 'sync:page' ? { reply: reply('syncPageReply') } : {}),
  };
}

/** `typing` is an operation that clients call, and an event that other clients get. */
function sentId({ id, name }: Pick<EventEntry, 'id' | 'name'>): string {
  return name === 'typing' ? 'typingEvent' : id;
}

function inChannel(message: string): object {
  return { channel: { $ref: CHANNEL }, messages: [{ $ref: `${CHANNEL}/messages/${message}` }] };
}

function reply(...messages: string[]): object {
  return {
    channel: { $ref: CHANNEL },
    messages: messages.map((message) => ({ $ref: `${CHANNEL}/messages/${message}` })),
  };
}
