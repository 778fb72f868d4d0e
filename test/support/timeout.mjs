// jest-light-runner enforces no timeouts, so each test and hook body is raced against one here.
const TIMEOUT_MS = 60_000;

const within = (body, ms) =>
  body &&
  (() => {
    let timer;
    const expired = new Promise((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`Exceeded timeout of ${ms} ms`)), ms);
      timer.unref?.();
    });
    return Promise.race([Promise.resolve().then(body), expired]).finally(() => clearTimeout(timer));
  });

const timed = (run) => Object.assign((name, body, ms = TIMEOUT_MS) => run(name, within(body, ms), ms), run);
globalThis.test = globalThis.it = timed(globalThis.it);
for (const hook of ['beforeAll', 'afterAll', 'beforeEach', 'afterEach']) {
  const run = globalThis[hook];
  globalThis[hook] = (body, ms = TIMEOUT_MS) => run(within(body, ms), ms);
}
