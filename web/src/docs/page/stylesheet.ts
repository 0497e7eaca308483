/** Colours of the web app, by their names there, as far as the reference uses them. */
export const TOKENS: Readonly<Record<string, string>> = {
  '--surface': 'light-dark(#ffffff, #12191b)',
  '--surface-sunken': 'light-dark(#f1f4f4, #1a2325)',
  '--surface-hover': 'light-dark(#f3f6f6, #192123)',
  '--surface-selected': 'light-dark(#e1f1ee, #1b3331)',
  '--line': 'light-dark(#dde4e4, #263134)',
  '--line-strong': 'light-dark(#7d8c8c, #6f8083)',
  '--text': 'light-dark(#141c1d, #e7eded)',
  '--text-quiet': 'light-dark(#55656a, #9badb1)',
  '--text-on-accent': 'light-dark(#ffffff, #06211e)',
  '--accent': 'light-dark(#0b7269, #45c4b4)',
  '--accent-strong': 'light-dark(#085a53, #6ad6c7)',
  '--accent-soft': 'light-dark(#d9efeb, #173b38)',
  '--radius-small': '8px',
  '--radius-inner': '6px',
};

const tokens = Object.entries(TOKENS).map(([name, value]) => `  ${name}: ${value};`);

/** The style of the reference, in the colours of the web app. */
export const STYLESHEET = `:root {
  color-scheme: light dark;
${tokens.join('\n')}
  --font: system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Helvetica Neue', Arial, sans-serif;
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', 'Noto Sans Mono', 'DejaVu Sans Mono', monospace;
  --nav: 264px;
}

* { box-sizing: border-box; }

html {
  scroll-padding-top: 24px;
  -webkit-text-size-adjust: 100%;
}

body {
  margin: 0;
  background: var(--surface);
  color: var(--text);
  font: 15px/1.55 var(--font);
  overflow-wrap: break-word;
}

a { color: var(--accent); text-underline-offset: 2px; }
a:hover { color: var(--accent-strong); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }

code, pre { font-family: var(--mono); font-size: 0.88em; }
pre code { font-size: inherit; }
p code, dd code, li > code { background: var(--surface-sunken); border-radius: 4px; padding: 1px 4px; }
a code { background: none; padding: 0; }
p { margin: 8px 0; }
h1, h2, h3, h4 { line-height: 1.25; margin: 0; text-wrap: balance; }
h1 { font-size: 32px; letter-spacing: -0.01em; }
h2 { font-size: 24px; letter-spacing: -0.01em; }
h3 { font-size: 17px; margin-top: 28px; }
h4 { font-size: 13px; font-weight: 600; color: var(--text-quiet); margin: 20px 0 6px; }
ul { margin: 0; padding: 0; list-style: none; }
dl, dd { margin: 0; }

.skip {
  position: absolute;
  left: -999px;
  top: 8px;
  padding: 8px 12px;
  background: var(--accent);
  color: var(--text-on-accent);
  border-radius: var(--radius-small);
}
.skip:focus { left: 8px; z-index: 1; }

main { max-width: 856px; padding: 24px 16px 96px; }
main > header { padding-bottom: 8px; }
.lead { font-size: 17px; color: var(--text-quiet); }
.self { color: inherit; text-decoration: none; }
.self:hover { text-decoration: underline; color: inherit; }
section { padding-top: 40px; margin-top: 40px; border-top: 1px solid var(--line); }
section > article { padding-top: 28px; margin-top: 28px; border-top: 1px solid var(--line); }
section > h2 + article { border-top: 0; margin-top: 0; }
article > h3 { margin-top: 0; font-size: 19px; }
article > h3 code { font-size: 1em; }
article:target > h3, h3:target { background: var(--accent-soft); border-radius: 4px; box-shadow: 0 0 0 6px var(--accent-soft); }
.summary { margin-top: 8px; font-weight: 500; }

.places { display: grid; gap: 4px; margin: 10px 0; }
.places li { display: flex; gap: 8px; align-items: baseline; }
.places code { background: none; padding: 0; min-width: 0; overflow-wrap: anywhere; }
.method {
  flex: none;
  min-width: 60px;
  padding: 1px 8px;
  border-radius: var(--radius-inner);
  background: var(--accent-soft);
  color: var(--accent-strong);
  font: 600 12px/20px var(--mono);
  text-align: center;
}

.facts { display: grid; gap: 4px 24px; margin: 12px 0; }
.facts > div { display: grid; grid-template-columns: 148px 1fr; gap: 12px; }
.facts dt { color: var(--text-quiet); }
.facts dd { min-width: 0; }

.fields { border-top: 1px solid var(--line); }
.fields > div { padding: 8px 0; border-bottom: 1px solid var(--line); }
.fields .fields { margin: 6px 0 0 16px; }
.fields .fields > div:last-child { border-bottom: 0; padding-bottom: 0; }
.fields dt { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 8px; }
.field { font-weight: 600; }
.fields > div:target { background: var(--accent-soft); }
.type { color: var(--text-quiet); }
.type code { background: none; padding: 0; }
.mark {
  padding: 0 6px;
  border: 1px solid var(--line);
  border-radius: var(--radius-inner);
  color: var(--text-quiet);
  font-size: 12px;
  white-space: nowrap;
}
.fields dd { color: var(--text-quiet); }
.either + .either::before { content: 'or'; display: block; padding: 12px 0 8px; color: var(--text-quiet); }

pre {
  margin: 8px 0;
  padding: 12px 14px;
  overflow-x: auto;
  border-radius: var(--radius-small);
  background: var(--surface-sunken);
  line-height: 1.5;
}

nav { padding: 16px; border-bottom: 1px solid var(--line); }
nav .home { display: none; }
nav > ul { display: flex; flex-wrap: wrap; gap: 6px; }
nav > ul > li > a {
  display: block;
  padding: 4px 10px;
  border-radius: var(--radius-small);
  background: var(--surface-sunken);
  color: var(--text);
  text-decoration: none;
}
nav > ul ul { display: none; }

@media (min-width: 960px) {
  body { padding-left: var(--nav); }
  main { padding: 40px 48px 120px; }
  nav {
    position: fixed;
    inset: 0 auto 0 0;
    width: var(--nav);
    overflow-y: auto;
    overscroll-behavior: contain;
    padding: 24px 12px 40px;
    border-bottom: 0;
    border-right: 1px solid var(--line);
  }
  nav .home {
    display: block;
    padding: 0 12px 12px;
    color: var(--text);
    font-size: 17px;
    font-weight: 600;
    text-decoration: none;
  }
  nav > ul { display: block; }
  nav > ul > li { margin-top: 12px; }
  nav > ul > li > a { background: none; font-weight: 600; padding: 4px 12px; }
  nav > ul ul { display: block; }
  nav ul ul a {
    display: block;
    padding: 2px 12px;
    border-radius: var(--radius-inner);
    color: var(--text-quiet);
    text-decoration: none;
  }
  nav a:hover { background: var(--surface-hover); color: var(--text); }
}

@media (max-width: 480px) {
  h1 { font-size: 28px; }
  .facts > div { grid-template-columns: 1fr; gap: 0; }
  .fields .fields { margin-left: 8px; }
}

@media print {
  nav, .skip { display: none; }
  pre { white-space: pre-wrap; }
}
`;
