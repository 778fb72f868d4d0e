export { DEMO_START, playDemo, type Played } from './play.js';
export { sendOwnFile, templateWithColumns } from './own-file.js';
export { type Theatre } from './stage.js';
