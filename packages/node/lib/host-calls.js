// Calls of node:fs, whose errors are thrown as codes of `wasi:filesystem`.

/**
 * WASI's code of each of Node's codes; any other is `io`.
 *
 * @type {Record<string, import('./component/interfaces/wasi-filesystem-types.js').ErrorCode>}
 */
const CODES = {
    EACCES: 'access',
    EBADF: 'bad-descriptor',
    EBUSY: 'busy',
    EDQUOT: 'quota',
    EEXIST: 'exist',
    EFBIG: 'file-too-large',
    EILSEQ: 'illegal-byte-sequence',
    EINTR: 'interrupted',
    EINVAL: 'invalid',
    EISDIR: 'is-directory',
    ELOOP: 'loop',
    EMLINK: 'too-many-links',
    ENAMETOOLONG: 'name-too-long',
    ENOENT: 'no-entry',
    ENOMEM: 'insufficient-memory',
    ENOSPC: 'insufficient-space',
    ENOTDIR: 'not-directory',
    ENOTEMPTY: 'not-empty',
    ENOTSUP: 'unsupported',
    EOPNOTSUPP: 'unsupported',
    EPERM: 'not-permitted',
    EROFS: 'read-only',
    ETXTBSY: 'text-file-busy',
    EXDEV: 'cross-device',
    ERR_INVALID_ARG_VALUE: 'invalid',
    ERR_OUT_OF_RANGE: 'file-too-large',
};

/**
 * Node's code of the last error that WASI has no code for.
 *
 * @type {string | undefined}
 */
let unmapped;

let afterCall = () => {};

/**
 * Has `callback` called after each call.
 *
 * @param {() => void} callback
 */
export function onCall(callback) {
    afterCall = callback;
}

/** Returns and clears the last unmapped code, such as EMFILE. */
export function takeUnmappedCode() {
    const code = unmapped;
    unmapped = undefined;
    return code;
}

/**
 * Runs a call of node:fs and throws its error as a code of WASI.
 *
 * @template T
 * @param {() => T} work
 */
export function hostCall(work) {
    try {
        return work();
    } catch (error) {
        if (typeof error === 'string') {
            throw error;
        }
        const code = CODES[error?.code];
        if (code === undefined && typeof error?.code === 'string') {
            unmapped = error.code;
        }
        throw code ?? 'io';
    } finally {
        afterCall();
    }
}
