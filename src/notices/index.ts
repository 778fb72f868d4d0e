export { NoticesModule } from './notices.module.js';
export { NoticesService, type NoticeView } from './notices.service.js';
export { type NoticeKind } from './notice.rules.js';
