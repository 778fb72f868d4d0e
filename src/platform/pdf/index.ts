export { SANDBOX_NOTICE, type PdfCanvas, type PdfHead, type Sum } from './canvas.js';
export { renderPdf, streamPdf, type DrawnPdf, type Drained, type RenderedPdf } from './render.js';
export { ACCENT, BODY, HAIRLINE, INK, MUTED, type TextStyle } from './style.js';
export { PdfTable, type Cell, type Column } from './table.js';
export { counted, dayRange, longDay, longMonth, percent, quantity, shortDay, shortMonth } from './wording.js';
