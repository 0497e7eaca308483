/** Text that is HTML already. */
export interface Markup {
  readonly markup: string;
}

/** What may stand in a template: text is escaped, nothing is left out. */
export type Part = Markup | string | number | undefined | readonly Part[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** HTML whose parts are escaped unless they are HTML themselves. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const markup = strings.map((text, index) => text + render(parts[index])).join('');
  return { markup };
}

/** A text in which `code` stands in backticks. */
export function prose(text: string): Markup {
  const pieces = text.split('`').map((piece, index) => (index % 2 === 0 ? piece : code(piece)));
  return html`${pieces}`;
}

/** Paragraphs of text, none where there is no text. */
export function paragraphs(texts: readonly string[]): Part {
  return texts.filter((text) => text !== '').map((text) => html`<p>${prose(text)}</p>`);
}

/** A word of the contract. */
export function code(text: string): Markup {
  return html`<code>${text}</code>`;
}

/** Lines that keep their form; it can be scrolled by keyboard too. */
export function block(label: string, text: string): Markup {
  return html`<pre tabindex="0" role="group" aria-label="${label}"><code>${text}</code></pre>`;
}

/** A place on the page: `message:send` becomes `message-send`. */
export function anchor(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

function render(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'object') return 'markup' in part ? part.markup : part.map(render).join('');
  return String(part).replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? letter);
}
