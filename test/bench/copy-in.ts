import { once } from 'node:events';
import pg from 'pg';

/** What pg's connection can do and its types do not say. */
interface CopyingConnection {
  readonly stream: pg.Connection['stream'];
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/** Sends pieces of text to COPY … FROM STDIN, as quickly as the server takes them. */
export async function copyIn(client: pg.Client, sql: string, pieces: Iterable<Uint8Array>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.query(new CopyIn(sql, pieces, (error) => (error ? reject(error) : resolve())));
  });
}

/** As pg runs a query that is none of its own. */
class CopyIn implements pg.Submittable {
  private failure: Error | undefined;

  constructor(
    private readonly sql: string,
    private readonly pieces: Iterable<Uint8Array>,
    private readonly ended: (error?: Error) => void,
  ) {}

  submit(connection: pg.Connection): void {
    connection.query(this.sql);
  }

  handleCopyInResponse(connection: CopyingConnection): void {
    this.send(connection).catch((error: Error) => connection.sendCopyFail(error.message));
  }

  handleCommandComplete(): void {
    // Nothing is answered but that it is done.
  }

  handleError(error: Error): void {
    this.failure = error;
    this.ended(error);
  }

  handleReadyForQuery(): void {
    if (this.failure === undefined) this.ended();
  }

  private async send(connection: CopyingConnection): Promise<void> {
    for (const piece of this.pieces) {
      connection.sendCopyFromChunk(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
      if (connection.stream.writableNeedDrain) await once(connection.stream, 'drain');
    }
    connection.endCopyFrom();
  }
}
