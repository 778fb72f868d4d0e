// Nobody is called this, and NHS numbers from 999 on are never issued: what leaks from a column that should have been
// dropped can be found by looking for them.
const GIVEN =
  'Ambrel Bexlin Corvane Delphin Esmerrow Fenwicka Gwendrith Halloway Isolbet Jorvik Kestrelle Lumira Mordecane Nerys Ottoline Perrin Quenby Rosamunde Siôn Thessaly Ulric Verbena Wystan Xanthe Yvaine Zenobie'.split(
    ' ',
  );
export const FAMILY =
  'Quillfeather Thornwhistle Brambleforth Zebbalow Oxenbuckle Wrenspindle Mistlegarth Pottlebank Ferngrizzle Candlewhump Larkenstoat Hobblethwick Grimblesett Dovetrumpet Applequist Saltwhisker Moonfiddle Tanglebrook Crumblewick Ashpuddle Frostnickle Jamberlain Nettlepome O’Thistlegap Plumduffington Ravelstork Snapdragoon Twillingfroth Umberquill Vexelgrove Whirligate Yarrowbottle Zephyrsnout Bumblecraft Clovernoggin Dandelory'.split(
    ' ',
  );

/** A valid NHS number of the test range. */
function nhsNumber(random) {
  for (;;) {
    const digits = `999${String(random.below(1_000_000)).padStart(6, '0')}`;
    const weighted = [...digits].reduce((sum, digit, place) => sum + Number(digit) * (10 - place), 0);
    const check = (11 - (weighted % 11)) % 11;
    if (check !== 10) return `${digits}${check}`;
  }
}

/** Where people come from: each commissioner has its own, and some are referred to several providers. */
export class People {
  #known = [];
  #numbers = new Set();

  /** @param exclude people who are in the file already */
  pick(random, exclude) {
    if (random.happens(0.12)) {
      const known = this.#known[random.below(this.#known.length || 1)];
      if (known && !exclude.has(known)) return known;
    }
    let nhs = nhsNumber(random);
    while (this.#numbers.has(nhs)) nhs = nhsNumber(random);
    this.#numbers.add(nhs);
    const year = 1931 + random.below(60);
    const month = String(1 + random.below(12)).padStart(2, '0');
    const day = String(1 + random.below(28)).padStart(2, '0');
    const name = `${random.one(GIVEN)} ${random.one(FAMILY)}`;
    const person = { name, born: `${year}-${month}-${day}`, nhs, number: this.#known.length + 1 };
    this.#known.push(person);
    return person;
  }

  get nhsNumbers() {
    return [...this.#numbers];
  }
}
