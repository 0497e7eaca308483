import './formatting.css';

import { Fragment, type ReactNode, useMemo } from 'react';

import { type FormatBlock, type FormatLine, parseFormat } from './parse-format.ts';
import type { Inline } from './parse-inline.ts';

/**
 * The text of a message with its links and formatting; never interpreted as HTML. The marks stay in the document,
 * hidden, so that its text content is the source (see `copySource`).
 */
export function FormattedText({ text }: { readonly text: string }) {
  const blocks = useMemo(() => parseFormat(text), [text]);
  return blocks.map((block, index) => <Block key={index} block={block} />);
}

function Mark({ children }: { readonly children: string }) {
  return children === '' ? null : <span className="format-mark">{children}</span>;
}

function Block({ block }: { readonly block: FormatBlock }): ReactNode {
  switch (block.kind) {
    case 'text':
      return (
        <>
          <Parts parts={block.parts} />
          <Mark>{block.after}</Mark>
        </>
      );
    case 'fence':
      return (
        <pre className="format-fence">
          <Mark>{block.open}</Mark>
          <code>{block.code}</code>
          <Mark>{block.close}</Mark>
        </pre>
      );
    case 'quote':
      return (
        <blockquote className="format-quote">
          {block.lines.map((line, index) => (
            <div key={index} dir="auto">
              <Line line={line} />
            </div>
          ))}
        </blockquote>
      );
    case 'bullets':
      return (
        <ul className="format-list">
          {block.lines.map((line, index) => (
            <li key={index}>
              <Line line={line} />
            </li>
          ))}
        </ul>
      );
    case 'numbers':
      return (
        <ol className="format-list">
          {block.lines.map((line, index) => (
            <li key={index} value={parseInt(line.mark, 10)}>
              <Line line={line} />
            </li>
          ))}
        </ol>
      );
  }
}

function Line({ line }: { readonly line: FormatLine }) {
  return (
    <>
      <Mark>{line.mark}</Mark>
      <Parts parts={line.parts} />
      <Mark>{line.after}</Mark>
    </>
  );
}

function Parts({ parts }: { readonly parts: readonly Inline[] }): ReactNode {
  return parts.map((part, index) => <Part key={index} part={part} />);
}

const ELEMENTS = { bold: 'strong', italic: 'em', strike: 's' } as const;

function Part({ part }: { readonly part: Inline }): ReactNode {
  switch (part.kind) {
    case 'text':
      return <Fragment>{part.text}</Fragment>;
    case 'link':
      return (
        <a href={part.href} target="_blank" rel="noopener noreferrer nofollow">
          {part.text}
        </a>
      );
    case 'code':
      return (
        <code className="format-code">
          <Mark>{part.mark}</Mark>
          {part.text}
          <Mark>{part.mark}</Mark>
        </code>
      );
    case 'bold':
    case 'italic':
    case 'strike': {
      const Style = ELEMENTS[part.kind];
      return (
        <Style>
          <Mark>{part.mark}</Mark>
          <Parts parts={part.parts} />
          <Mark>{part.mark}</Mark>
        </Style>
      );
    }
  }
}
