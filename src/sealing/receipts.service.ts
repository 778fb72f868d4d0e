import { Injectable } from '@nestjs/common';
import { ReceiptMaker, type CommandRecord } from '../platform/receipts.js';
import { Frontier } from '../transparency/index.js';
import { LogKeys } from './log-keys.service.js';
import { receiptText } from './receipt.document.js';

/** Signs at once that events will be in their log: whoever holds a receipt can prove it when they are not. */
@Injectable()
export class Receipts extends ReceiptMaker {
  constructor(private readonly keys: LogKeys) {
    super();
  }

  /** The name of the key that signs receipts. */
  get name(): string {
    return `${this.keys.logName}/receipts`;
  }

  /** The signed note (C2SP signed-note) in base64. The same records have the same receipt under the same keys. */
  make(records: readonly CommandRecord[]): string {
    const text = receiptText(this.name, records, (id) => this.keys.originOf(id), rootOf);
    return Buffer.from(this.keys.sign(this.name, text)).toString('base64');
  }
}

function rootOf(leafHashes: readonly Uint8Array[]): Buffer {
  const frontier = Frontier.empty();
  for (const hash of leafHashes) frontier.append(hash);
  return frontier.root();
}
