const dist = process.env.TEST_DIST ?? 'dist-test';
const shared = {
  rootDir: '.',
  runner: 'jest-light-runner',
  testEnvironment: 'node',
  transform: {},
  setupFilesAfterEnv: ['<rootDir>/test/support/timeout.mjs'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};

/** Tests run on compiled JavaScript: `npm run build:test` first (npm test does). */
export default {
  maxWorkers: 2,
  testSequencer: '<rootDir>/test/support/long-first.mjs',
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: [`<rootDir>/${dist}/**/*.spec.js`],
      testPathIgnorePatterns: ['/node_modules/'],
    },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: [`<rootDir>/${dist}/**/*.e2e-spec.js`],
      globalSetup: '<rootDir>/test/support/global-setup.mjs',
      globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
    },
  ],
};
