import type { Theatre } from './stage.js';
export async function sendOwnFile(_theatre: Theatre, _request: { file: string; contract: string }): Promise<void> {}
export function templateWithColumns(): string {
  return '';
}
