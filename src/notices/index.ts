export { NoticesModule } from './notices.module.js';
export { NoticesService, type NoticeView, type OutboxMail } from './notices.service.js';
export { type NoticeFate } from './notice-rows.queries.js';
export { type NoticeKind } from './notice.rules.js';
