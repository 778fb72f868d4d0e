export { DEMO_START, playDemo, type Played } from './play.js';
export { describeTemplate, sendOwnFile, whyNotSend } from './own-file.js';
export { sampleKeys, type SampleKey } from './sample-keys.js';
export { type Theatre } from './stage.js';
