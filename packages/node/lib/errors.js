// Errors in Node's form: a code to branch on, and a message that names the argument.

import { constants } from 'node:os';

/** Node's code of each of the component's codes. */
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
    other: 'ERR_SCRATCH_OTHER',
    failed: 'ERR_SCRATCH_FAILED',
};

/** A refusal of the component, its host or this package; documented in index.d.ts. */
export class ScratchError extends Error {
    /**
     * @param {{ code: string, message: string, host?: string, bytesWritten?: number }} error the
     *   component's code and message, and the host's code if it is more specific
     */
    constructor({ code, message, host, bytesWritten }) {
        super(message);
        this.scratchCode = code;
        this.code = host ?? CODES[code] ?? CODES.other;
        const errno = constants.errno[this.code];
        if (errno !== undefined) {
            this.errno = -errno;
        }
        if (bytesWritten !== undefined) {
            this.bytesWritten = bytesWritten;
        }
    }

    get name() {
        return 'ScratchError';
    }
}

/** Returns Node's error for an argument of a wrong type. */
export function wrongType(argument, expected, value) {
    const shown = value === null ? 'null' : typeof value;
    return Object.assign(new TypeError(`${argument} must be ${expected}, not ${shown}`), {
        code: 'ERR_INVALID_ARG_TYPE',
    });
}

/** Returns Node's error for an argument that is none of the allowed values. */
export function wrongValue(argument, expected, value) {
    return Object.assign(new TypeError(`${argument} must be ${expected}, not ${quoted(value)}`), {
        code: 'ERR_INVALID_ARG_VALUE',
    });
}

/** Returns Node's error for a number that is out of range. */
export function outOfRange(argument, expected, value) {
    return Object.assign(new RangeError(`${argument} must be ${expected}, not ${String(value)}`), {
        code: 'ERR_OUT_OF_RANGE',
    });
}

function quoted(value) {
    return typeof value === 'string' ? JSON.stringify(value.slice(0, 120)) : String(value);
}
