import { foldForSearch } from '@parley/common';

/** Words with which people who write other languages than English begin a password, the most common first. */
const WORDS = `
  пароль привет любовь секрет солнышко админ наташа марина люблю россия спартак зенит пароли парола вход parol
  privet lyublyu tebya
  contraseña clave bienvenido bienvenida tequiero teamo secreto hola acceso usuario mivida micontraseña
  motdepasse bienvenue bonjour jetaime monmotdepasse secret coucou azerty chouchou
  passwort kennwort willkommen geheim hallo ichliebedich schatz geheimnis zugang einloggen
  senha bemvindo minhasenha euteamo acesso segredo
  benvenuto benvenuta tiamo segreto passwordmia ciao accesso
  wachtwoord welkom geheim ikhouvanjou hallo toegang
  lösenord välkommen hemligt hemlig jagälskardig kodeord adgangskode velkommen passord hemmelig jegelskerdeg
  salasana tervetuloa salainen minärakastansinua parool
  hasło witaj kochamcię mojehasło tajne dostęp
  heslo mojeheslo vitejte miluji ahoj tajneheslo
  jelszó szeretlek jelszavam titok
  parolă parolamea bineaivenit teiubesc lozinka zaporka šifra geslo zdravo volimte
  şifre parola hoşgeldiniz merhaba seniseviyorum galatasaray fenerbahçe beşiktaş trabzonspor türkiye
  slaptažodis labas parole fjalëkalimi лозинка шифра обичам
  пароль привіт кохання таємниця україна слава
  κωδικός κωδικοςμου σαγαπώ γειασου συνθηματικό
  סיסמה סיסמא ססמה שלום אהבה
  كلمةالسر كلمةالمرور مرحبا حبيبي الله رمزعبور گذرواژه سلام عشقم
  पासवर्ड नमस्ते भारत पासवर्ड
  密码 口令 我爱你 你好 管理员 密碼
  パスワード あいしてる こんにちは ぱすわーど
  비밀번호 사랑해 안녕하세요 암호 패스워드
  mậtkhẩu matkhau xinchao emyeuanh anhyeuem รหัสผ่าน สวัสดี ฉันรักเธอ
  katasandi sandi rahasia sayang akucintakamu selamatdatang mahalkita mahalko nywila karibu`;

/** The seasons, which `Intl` does not name. */
const SEASONS = `
  spring summer autumn fall winter frühling frühjahr sommer herbst printemps été automne hiver
  primavera verano otoño invierno verão outono inverno estate autunno lente zomer herfst
  vår sommar höst vinter forår efterår høst kevät kesä syksy talvi kevad suvi sügis talv
  wiosna lato jesień zima jaro léto podzim jar leto jeseň tavasz nyár ősz tél primăvară vară toamnă iarnă
  ilkbahar yaz sonbahar kış proljeće ljeto jesen весна лето осень зима літо осінь пролет лято есен зима лето
  άνοιξη καλοκαίρι φθινόπωρο χειμώνας אביב קיץ סתיו חורף ربيع صيف خريف شتاء بهار تابستان پاییز زمستان
  春 夏 秋 冬 春天 夏天 秋天 冬天 봄 여름 가을 겨울`;

/** Languages whose names of months and weekdays are looked for. */
const LANGUAGES =
  `ar az be bg bn bs ca cs da de el en es et fa fi fil fr he hi hr hu hy id it ja ka kk ko lt lv mk
  ms nb nl pl pt ro ru sk sl sq sr sv sw ta th tr uk ur uz vi zh`.split(/\s+/u);

/** Fewest letters of the name of a month or weekday: a shorter one may be anything. */
const SHORTEST_NAME = 3;
/** A day of each month, and each day of a week. */
const DAYS = [
  ...Array.from({ length: 12 }, (_, month) => new Date(Date.UTC(2024, month, 15))),
  ...Array.from({ length: 7 }, (_, day) => new Date(Date.UTC(2024, 0, 1 + day))),
];
const FORMATS: readonly Intl.DateTimeFormatOptions[] = [
  { month: 'long' },
  { month: 'short' },
  // With a year or a day, many languages decline the month.
  { month: 'long', year: 'numeric' },
  { month: 'long', day: 'numeric' },
  { month: 'short', day: 'numeric' },
  { weekday: 'long' },
  { weekday: 'short' },
];

/** {@link WORDS}, as they are searched. */
export const commonWords: readonly string[] = [...new Set(words(WORDS))];

/** The names of seasons, months and weekdays in many languages, whole and abbreviated, as they are searched. */
export const calendarWords: readonly string[] = [...new Set([...words(SEASONS), ...names()])];

function words(text: string): string[] {
  return text.trim().split(/\s+/u).map(foldForSearch);
}

function* names(): Generator<string> {
  for (const language of LANGUAGES) {
    for (const options of FORMATS) {
      const format = new Intl.DateTimeFormat(language, { ...options, timeZone: 'UTC' });
      for (const { type, value } of DAYS.flatMap((day) => format.formatToParts(day))) {
        const name = foldForSearch(value).replace(/[^\p{L}\p{M}]/gu, '');
        const isName = (type === 'month' || type === 'weekday') && name.length >= SHORTEST_NAME;
        if (isName) yield name;
      }
    }
  }
}
