import { skeleton } from './skeleton.ts';

/** Digits and signs that are read as letters. After the skeleton, `l` stands for all of `i`, `I`, `1` and `|` too. */
const READ_AS: Readonly<Record<string, string>> = {
  ...{
    i: 'l',
    j: 'l',
    '1': 'l',
    '|': 'l',
    '!': 'l',
    '0': 'o',
    '3': 'e',
    '4': 'a',
    '5': 's',
    '7': 't',
  },
  ...{ '8': 'b', '@': 'a', $: 's', '€': 'e' },
};

/** The small capitals of the Latin alphabet, which UTS 39 does not count as look-alikes. */
const SMALL_CAPITALS = 'ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡxʏᴢ';
const LETTER_A = 0x61;
const SMALL_CAPITAL = new RegExp(`[${SMALL_CAPITALS}]`, 'gu');

/** Words that claim to speak for the server, in English and in other languages. */
const CLAIMS =
  `abuse admin admins administrator administrators administration antispam donotreply mailerdaemon mod mods moderator
  moderators moderation noreply customercare customerservice support parley security official servicedesk system sysadmin
  sysop sysops superadmin superuser trustandsafety trustsafety webmaster postmaster hostmaster helpdesk staff operator
  operators administrador administradora administrateur administratör administratorin amministratore beheerder moderador
  moderateur moderatore moderatorin soporte suporte assistenza kundendienst kundenservice yönetici
  админ администратор администрация модератор поддержка техподдержка адміністратор підтримка διαχειριστής
  מנהל-מערכת תמיכה مدير-النظام الدعم مدیر-سیستم 管理员 管理員 管理者 客服 運営 サポート 관리자 운영자 고객센터`.split(
    /\s+/u,
  );
/** Words that stand beside them. */
const BESIDE =
  `account accounts agent alert alerts app bot chat center centre customer department desk global group
  head help info it live main master message messages my notice notifications of online our owner real root server
  service services site team tech technical the trust verified your`.split(/\s+/u);

/** A digit or separator. */
const NUMBERING = /[\p{Nd}\s._-]/u;

const claims = new Set(CLAIMS.map(reading));
const words = [...new Set([...CLAIMS, ...BESIDE].map(reading))];

/** A name as a hasty reader takes it: without case, accents, spaces, punctuation, and with all look-alikes the same. */
export function reading(name: string): string {
  const plain = name.normalize('NFKC').replace(SMALL_CAPITAL, capital);
  const lower = skeleton(skeleton(plain).toLowerCase()).toLowerCase();
  const letters = Array.from(
    lower.normalize('NFD'),
    (character) => READ_AS[character] ?? character,
  );
  return letters
    .join('')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replaceAll('vv', 'w');
}

/**
 * Whether a name claims to be an operator of the server: it consists of such words, however they are written, joined and
 * numbered ("Parley Support", "trust_safety", "administrat0r", "аdmin2").
 */
export function imitatesOperator(name: string): boolean {
  const forms = [name, name.replace(/^[@＠﹫]/u, ''), withoutNumber(name)];
  // A capital of another script may look like a Latin letter that its small form does not look like.
  return forms.some((each) => isClaim(reading(each)) || isClaim(reading(each.toLowerCase())));
}

/** The name without the digits and separators at its end. One pattern for both would take quadratic time. */
function withoutNumber(name: string): string {
  let end = name.length;
  while (end > 0 && NUMBERING.test(name.charAt(end - 1))) end -= 1;
  return name.slice(0, end);
}

/** Whether the text is made of the words alone, at least one of them a claim. */
function isClaim(text: string): boolean {
  // For each position that words end at: whether a claim is among them.
  const ends = new Map<number, boolean>([[0, false]]);
  for (let from = 0; from < text.length; from += 1) {
    const claimed = ends.get(from);
    if (claimed === undefined) continue;
    for (const word of words) {
      if (!text.startsWith(word, from)) continue;
      const end = from + word.length;
      ends.set(end, claimed || claims.has(word) || (ends.get(end) ?? false));
    }
  }
  return ends.get(text.length) ?? false;
}

function capital(character: string): string {
  return String.fromCodePoint(LETTER_A + SMALL_CAPITALS.indexOf(character));
}
