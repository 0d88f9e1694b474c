// Errors in Node's form: a code to branch on, and a message that names the argument.

import { constants } from 'node:os';

/** @typedef {import('./index.js').ScratchError} Api */

/**
 * Node's code of each of the component's codes.
 *
 * @type {Record<string, string>}
 */
const CODES = {
    access: 'EACCES',
    busy: 'EBUSY',
    closed: 'ERR_CLOSED',
    'cross-device': 'EXDEV',
    exist: 'EEXIST',
    'file-too-large': 'EFBIG',
    'illegal-byte-sequence': 'EILSEQ',
    interrupted: 'EINTR',
    'insufficient-memory': 'ENOMEM',
    'insufficient-space': 'ENOSPC',
    invalid: 'EINVAL',
    io: 'EIO',
    'is-directory': 'EISDIR',
    loop: 'ELOOP',
    'name-too-long': 'ENAMETOOLONG',
    'no-entry': 'ENOENT',
    'not-directory': 'ENOTDIR',
    'not-empty': 'ENOTEMPTY',
    'not-permitted': 'EPERM',
    quota: 'EDQUOT',
    'read-only': 'EROFS',
    unsupported: 'ENOTSUP',
    failed: 'ERR_SCRATCH_FAILED',
};

/** @type {Record<string, number>} */
const errorNumbers = constants.errno;

/**
 * A refusal of the component, its host or this package; documented in index.d.ts.
 *
 * @implements {Api}
 */
export class ScratchError extends Error {
    /** @param {import('./calls.js').ErrorMessage} error */
    constructor({ code, message, host, bytesWritten }) {
        super(message);
        this.scratchCode = code;
        this.code = host ?? CODES[code] ?? 'ERR_SCRATCH_OTHER';
        const errno = errorNumbers[this.code];
        if (errno !== undefined) {
            /** @type {number | undefined} */
            this.errno = -errno;
        }
        if (bytesWritten !== undefined) {
            /** @type {number | undefined} */
            this.bytesWritten = bytesWritten;
        }
    }

    get name() {
        return 'ScratchError';
    }
}

/**
 * Returns Node's error for an argument of a wrong type.
 *
 * @type {(argument: string, expected: string, value: unknown) => TypeError}
 */
export function wrongType(argument, expected, value) {
    const shown = value === null ? 'null' : typeof value;
    return Object.assign(new TypeError(`${argument} must be ${expected}, not ${shown}`), {
        code: 'ERR_INVALID_ARG_TYPE',
    });
}

/**
 * Returns Node's error for an argument that is none of the allowed values.
 *
 * @type {(argument: string, expected: string, value: unknown) => TypeError}
 */
export function wrongValue(argument, expected, value) {
    return Object.assign(new TypeError(`${argument} must be ${expected}, not ${quoted(value)}`), {
        code: 'ERR_INVALID_ARG_VALUE',
    });
}

/**
 * Returns Node's error for a number that is out of range.
 *
 * @type {(argument: string, expected: string, value: number | bigint) => RangeError}
 */
export function outOfRange(argument, expected, value) {
    return Object.assign(new RangeError(`${argument} must be ${expected}, not ${String(value)}`), {
        code: 'ERR_OUT_OF_RANGE',
    });
}

/** @param {unknown} value */
function quoted(value) {
    return typeof value === 'string' ? JSON.stringify(value.slice(0, 120)) : String(value);
}
