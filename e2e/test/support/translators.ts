/** A script that hands each text of the page to `move`, now and whenever there is a new one. */
const always = (move: string) => `
  const move = ${move};
  const translate = () => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const text of texts) {
      const isDone = text.data.trim() === '' || text.parentElement.tagName === 'FONT';
      if (!isDone && !text.parentElement.closest('script, style, textarea, svg')) move(text);
    }
  };
  translate();
  new MutationObserver(translate).observe(document.body, {
    childList: true,
    subtree: true,
    characterData: true,
  });
`;

/** Scripts that do to a page what a browser or an extension does that translates it as it changes. */
export const TRANSLATORS = {
  'puts each text into an element': always(`(text) => {
    const font = document.createElement('font');
    text.replaceWith(font);
    font.append(text);
  }`),
  'replaces each text by elements with another one': always(`(text) => {
    const outer = document.createElement('font');
    const inner = document.createElement('font');
    inner.textContent = text.data;
    outer.append(inner);
    text.replaceWith(outer);
  }`),
};
