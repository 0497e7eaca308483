import { Fragment } from 'react';

import { parseText } from './parse-text.ts';

/** The text of a message with its links; never interpreted as HTML. */
export function MessageText({ text }: { readonly text: string }) {
  return parseText(text).map((part, index) =>
    part.kind === 'text' ? (
      <Fragment key={index}>{part.text}</Fragment>
    ) : (
      <a key={index} href={part.href} target="_blank" rel="noopener noreferrer nofollow">
        {part.text}
      </a>
    ),
  );
}
