/** Whether `thrown` is an error of the system of one of these codes. */
export function isErrno(thrown: unknown, ...codes: readonly string[]): thrown is NodeJS.ErrnoException {
  return thrown instanceof Error && codes.includes((thrown as NodeJS.ErrnoException).code ?? '')
}
