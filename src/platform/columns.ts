import type { ColumnOptions } from 'typeorm';

const bigintColumn = {
  to: (value: bigint | null | undefined) => value?.toString(),
  from: (value: string | null) => (value === null ? null : BigInt(value)),
};

/** Options of a column of integer minor units (pence). */
export const MINOR: ColumnOptions = { type: 'bigint', transformer: bigintColumn };
