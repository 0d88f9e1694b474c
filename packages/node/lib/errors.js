// Errors as Node's callers know them: a code to branch on, a message that names the argument.

import { constants } from 'node:os';

/** The component's words and what Node calls them. */
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

/** What the component, its host or this package refused; see index.d.ts. */
export class ScratchError extends Error {
    /**
     * @param {{ code: string, message: string, host?: string, bytesWritten?: number }} fault the
     *   component's word, its sentence, and what the host had said if that tells more
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

/** Refuses an argument of the wrong type, as Node does. */
export function wrongType(argument, expected, value) {
    const shown = value === null ? 'null' : typeof value;
    return Object.assign(new TypeError(`${argument} must be ${expected}, not ${shown}`), {
        code: 'ERR_INVALID_ARG_TYPE',
    });
}

/** Refuses an argument that is none of the known words. */
export function wrongValue(argument, expected, value) {
    return Object.assign(new TypeError(`${argument} must be ${expected}, not ${quoted(value)}`), {
        code: 'ERR_INVALID_ARG_VALUE',
    });
}

/** Refuses a number that is out of bounds. */
export function outOfRange(argument, expected, value) {
    return Object.assign(new RangeError(`${argument} must be ${expected}, not ${String(value)}`), {
        code: 'ERR_OUT_OF_RANGE',
    });
}

function quoted(value) {
    return typeof value === 'string' ? JSON.stringify(value.slice(0, 120)) : String(value);
}
