/** An error that the person at the terminal can mend: shown as its message, without a stack. */
export function expectedError(message: string): Error {
  return Object.assign(new Error(message), { expected: true });
}
