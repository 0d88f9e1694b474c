// Errors in the form of the component's errors: a payload with a code and a message.

/**
 * Returns an error in the form of the component's errors.
 *
 * @param {string} code
 * @param {string} message
 */
export function refusal(code, message) {
    return Object.assign(new Error(message), { payload: { code, message } });
}

/**
 * Returns the component's error, thrown by itself or as the payload of an Error, if it is one.
 *
 * @param {any} error
 * @returns {{ code: string, message: string } | undefined}
 */
export function refusalOf(error) {
    const value = error instanceof Error && 'payload' in error ? error.payload : error;
    return !(value instanceof Error) && typeof value?.code === 'string' ? value : undefined;
}
