import { Surrounding } from './surroundings.js';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('what surrounds a piece of work', () => {
  it('is there for all that it waits for, and for nobody else', async () => {
    const place = new Surrounding<string>();
    const seen = async () => {
      await turn();
      return place.find();
    };
    const both = [place.run('here', seen), place.run('there', seen)];
    expect(place.find()).toBeUndefined();
    await expect(Promise.all(both)).resolves.toEqual(['here', 'there']);
    await expect(seen()).resolves.toBeUndefined();
  });

  it('stays beside what surrounds a part of it, and is what the innermost says', async () => {
    const place = new Surrounding<string>();
    const weather = new Surrounding<string>();
    const seen = async () => {
      await turn();
      return [place.find(), weather.find()];
    };
    const all = await place.run('here', async () => [
      await weather.run('rain', seen),
      await weather.run('rain', () => place.run('there', seen)),
      await seen(),
    ]);
    expect(all).toEqual([
      ['here', 'rain'],
      ['there', 'rain'],
      ['here', undefined],
    ]);
  });
});
