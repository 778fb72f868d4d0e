/** Who asks, as far as that is known before they have signed in: a page of the portal gives it with every step. */
export interface Visitor {
  /** The secret of this browser's cookie: what one browser began no other can finish. */
  readonly browserToken: string;
  /** The address of the client. */
  readonly ip: string;
  readonly correlationId: string;
  /** What the browser calls itself, for the list of one's sessions. */
  readonly device?: string | undefined;
}
