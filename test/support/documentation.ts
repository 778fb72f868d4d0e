/** Whether this run writes what the documents quote from the program, instead of judging it. */
export const WRITES_DOCS = process.env.WRITE_DOCS === '1';
