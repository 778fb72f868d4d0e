export { servePages } from './page/edge.js';
export { Renderer } from './page/renderer.service.js';
export { PortalModule } from './portal.module.js';
