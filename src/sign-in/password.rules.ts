const LENGTH_MIN = 12;
const LENGTH_MAX = 128;
/** Fewer letters and digits than these say little about a whole password. */
const TELLING_MIN = 6;
const PRODUCT = 'Wellpaid';

export type PasswordProblem = 'too_short' | 'too_long' | 'known_word' | 'too_common' | 'pattern';

/** Unicode gives some letters two spellings: a password is compared in one (NIST SP 800-63B section 5.1.1.2). */
export function canonicalPassword(password: string): string {
  return password.normalize('NFC');
}

/**
 * What is wrong with a new password; undefined when nothing is. Length decides, not the kinds of characters (NIST SP
 * 800-63B section 5.1.1.2): refused are only what an attacker tries first.
 *
 * @param words the e-mail address of its owner and the names of their organisations: no password is one of them
 */
export function passwordProblem(password: string, words: readonly string[]): PasswordProblem | undefined {
  const text = canonicalPassword(password);
  const length = Array.from(text).length;
  if (length < LENGTH_MIN) return 'too_short';
  if (length > LENGTH_MAX) return 'too_long';
  const plain = plainOf(text);
  if (isPattern(text) || (plain.length >= TELLING_MIN && isPattern(plain))) return 'pattern';
  if ([PRODUCT, ...words].some((word) => isMostly(plain, plainOf(word)))) return 'known_word';
  if (COMMONEST.has(plain) || COMMONEST.has(plain.replace(/\d+$/, ''))) return 'too_common';
  return undefined;
}

/** Letters and digits alone, in lower case: what stands between or is capital hides nothing. */
function plainOf(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/** Whether it is the word, once or several times, with at most four digits after it. */
function isMostly(plain: string, word: string): boolean {
  return word.length >= 4 && plain.includes(word) && plain.replaceAll(word, '').replace(/\d{1,4}$/, '') === '';
}

/** One character or a short group again and again, or a run along the alphabet, the digits or a row of keys. */
function isPattern(text: string): boolean {
  if (/^(.{1,4})\1+.{0,3}$/u.test(text)) return true;
  const lower = text.toLowerCase();
  return RUNS.some((run) => run.includes(lower));
}

const forwards = ['abcdefghijklmnopqrstuvwxyz', '1234567890', 'qwertyuiopasdfghjklzxcvbnm'].map((run) =>
  run.repeat(13),
);
const RUNS = forwards.flatMap((run) => [run, Array.from(run).toReversed().join('')]);

/** The commonest that are long enough in published lists of leaked passwords, without what stands between the letters. */
const COMMONEST: ReadonlySet<string> = new Set(
  `password passwordpassword password1234 passw0rdpassw0rd mypassword mypassword123 newpassword
  newpassword1 changeme changemenow changeme1234 letmeinletmein letmein letmeinplease letmeinnow welcome welcometo
  welcomewelcome welcome1234 iloveyou iloveyouforever iloveyousomuch iloveyou1234 iloveyouiloveyou ihateyou administrator
  administrator1 adminadmin adminadminadmin admin1234 administration superuser rootrootroot qwerty qwertyuiop
  qwertyuiopasdf qwerty123456 qwertyuiop123 qwertyqwerty 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r5t6y7u8i 1qaz2wsx3edc
  1qaz2wsx3edc4rfv 1qazxsw23edc q1w2e3r4t5y6 q1w2e3r4t5y6u7 qazwsxedcrfv zaq12wsxcde3 asdfghjkl asdfghjkl123 zxcvbnm
  zxcvbnmasdfghjkl abc123abc123 a1b2c3d4e5f6 123qweasdzxc 123456qwerty 123456789abc 123456789qwe 1234567890qwe
  1234qwerasdf sunshine sunshine1234 princess princessprincess footballfootball football liverpool liverpoolfc
  manchesterunited manchester arsenalarsenal chelseafc tottenham everton evertonfc michaeljackson christmas
  merrychristmas happybirthday birthday monkeymonkey monkey dragondragon dragon superman supermansuperman batmanbatman
  batman spiderman spidermanspiderman starwars starwarsstarwars pokemonpokemon pokemon harrypotter lordoftherings
  trustno1 trustno1trustno1 whatever whateverwhatever blink182blink nirvananirvana computer computercomputer internet
  internetinternet secretsecret secret supersecret topsecret thisisapassword thisismypassword yourpassword nopassword
  forgotpassword ilovemyfamily ilovegod jesuschrist jesuslovesme godisgood godislove hellohello hellohellohello
  helloworld helloworld123 goodmorning nothing nothingnothing cheesecheese chocolate chocolatechocolate strawberry
  butterfly butterflybutterfly basketball basketballbasketball correcthorsebatterystaple elephantelephant
  socialprescribing socialprescriber linkworker linkworkerlinkworker nhsnhsnhsnhs england englandengland london
  londonlondon unitedkingdom greatbritain`
    .split(/\s+/)
    .filter((word) => word !== ''),
);
