/**
 * What was given cannot be verified, whatever it says: no bundle, half of one, or one that is newer than this program. It
 * proves nothing, neither that all is well nor that anybody meddled.
 */
export class UnreadableError extends Error {
  override name = 'UnreadableError';

  /**
   * @param message what is wrong, as a sentence
   * @param mend what to do about it, as a sentence
   */
  constructor(
    message: string,
    readonly mend: string,
  ) {
    super(message);
  }
}

export const FETCH_AGAIN = 'Fetch the bundle again (GET /v1/audit/bundle), and let the download end by itself.';
