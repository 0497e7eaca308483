import { decodeStart } from './text-content.ts';

/** Characters that are looked at to recognise what kind of text it is. */
const START = 4_096;

/** Types of text that tell themselves apart by their first characters; the first that fits is taken. */
const BEGINNINGS: readonly (readonly [type: string, pattern: RegExp])[] = [
  ['application/rtf', /^\{\\rtf/],
  ['text/calendar', /^BEGIN:VCALENDAR\b/i],
  ['text/vcard', /^BEGIN:VCARD\b/i],
  ['text/vtt', /^WEBVTT\b/],
  ['application/postscript', /^%!PS-Adobe-/],
  ['application/vnd.apple.mpegurl', /^#EXTM3U\b/],
  [
    'image/svg+xml',
    /^(?:<\?xml[^>]{0,200}>\s{0,200})?(?:<!(?:--|DOCTYPE svg)[^>]{0,1000}>\s{0,200}){0,4}<svg[\s>]/i,
  ],
  [
    'text/html',
    /^(?:<!--[^>]{0,1000}-->\s{0,200}){0,4}<(?:!doctype html|html|head|body|script|iframe)[\s/>]/i,
  ],
];

const XML = /^<\?xml\s/;
/** Announced types that a text may have: its content does not tell them apart. */
const TEXTUAL =
  /^(?:text\/.+|message\/.+|model\/(?:obj|stl|step|gltf\+json|vrml)|application\/(?:json5?|jsonl|ndjson|x-ndjson|xml|xml-dtd|javascript|x-javascript|ecmascript|typescript|x-typescript|yaml|x-yaml|toml|sql|x-sql|graphql|csv|mbox|x-subrip|x-sh|x-shellscript|x-csh|x-perl|x-python|x-python-code|x-ruby|x-php|x-httpd-php|x-tex|x-latex|x-bibtex|x-bat|x-powershell|x-pem-file|x-x509-ca-cert|x-pkcs7-certificates|pgp-keys|pgp-signature|pgp-encrypted|rtf|x-mpegurl|vnd\.apple\.mpegurl|x-ipynb\+json)|[a-z]+\/[^/]+\+(?:json|xml|yaml))$/;
const PDF_OBJECT = /\b\d{1,9} \d{1,9} obj\b/;
/** Where readers of PDF look for its header. */
const PDF_HEADER_WITHIN = 1_024;

/** Whether a text may have this type. */
export function isTextual(type: string): boolean {
  return TEXTUAL.test(type);
}

/**
 * The type of a text: what its beginning says, otherwise the announced one if a text may have it, otherwise `text/plain`.
 * @param announced - canonical
 */
export function textType(bytes: Uint8Array, announced: string): string {
  if (isPdf(bytes)) return 'application/pdf';
  const start = decodeStart(bytes, START).trimStart();
  const begins = BEGINNINGS.find(([, pattern]) => pattern.test(start));
  if (begins !== undefined) return begins[0];
  const isXml = XML.test(start);
  const isDrawing = announced === 'image/svg+xml';
  if (isTextual(announced) && !isDrawing && !(isXml && announced === 'text/plain'))
    return announced;
  return isXml ? 'application/xml' : 'text/plain';
}

/** Whether it is a PDF: a header near the start, and objects; a text that only begins with `%PDF` has none. */
export function isPdf(bytes: Uint8Array): boolean {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = content.subarray(0, PDF_HEADER_WITHIN).indexOf('%PDF-');
  if (header === -1) return false;
  return PDF_OBJECT.test(content.toString('latin1'));
}
