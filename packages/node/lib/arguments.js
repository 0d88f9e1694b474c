// Checks and converts arguments in the caller's thread. The component then receives only values of
// the types in its interface, and a wrong argument has no effect.

import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ScratchError, outOfRange, wrongType, wrongValue } from './errors.js';

/** @typedef {import('./index.js').Filesize} Filesize */
/** @typedef {import('./component/interfaces/scratch-tempfile-tempfile.js').Access} Access */
/** @typedef {import('./component/interfaces/scratch-tempfile-tempfile.js').OpenFlags} OpenFlags */
/** @typedef {import('./component/interfaces/scratch-tempfile-tempfile.js').FileOptions} FileOptions */
/** @typedef {import('./component/interfaces/scratch-tempfile-tempfile.js').DirectoryOptions} DirectoryOptions */
/** @typedef {import('./component/interfaces/scratch-tempfile-text.js').TextOptions} TextOptions */
/** @typedef {import('./component/interfaces/scratch-tempfile-text.js').Newline} Newline */

/**
 * Returns the checked and converted value, or throws an error that names the argument. JavaScript may
 * pass values of other types than `Value`.
 *
 * @template Value
 * @template [T=Value]
 * @typedef {(value: Value, argument: string) => T} Check
 */

/** @type {Access[]} */
const ACCESS = ['read-write', 'read-only', 'write-only', 'append', 'append-only'];
/** @type {import('./index.js').Removal[]} */
const REMOVAL = ['on-close', 'on-drop', 'never'];
/** @type {import('./component/interfaces/scratch-tempfile-tempfile.js').Whence[]} */
const WHENCE = ['start', 'current', 'end'];
/** @type {import('./component/interfaces/scratch-tempfile-text.js').ErrorHandling[]} */
const ERRORS = ['strict', 'ignore', 'replace', 'backslash-replace', 'surrogate-escape'];

/**
 * The component's names of line endings, by Python's `newline` argument.
 *
 * @type {Map<undefined | null | '' | '\n' | '\r' | '\r\n', Newline>}
 */
const NEWLINES = new Map([
    [undefined, 'universal'],
    [null, 'universal'],
    ['', 'untranslated'],
    ['\n', 'line-feed'],
    ['\r', 'carriage-return'],
    ['\r\n', 'carriage-return-line-feed'],
]);

/**
 * The component's names of encodings that Node names differently.
 *
 * @type {Record<string, string>}
 */
const ENCODINGS = {
    utf16le: 'utf-16-le',
    'utf-16le': 'utf-16-le',
    ucs2: 'utf-16-le',
    'ucs-2': 'utf-16-le',
    binary: 'latin-1',
};

/**
 * Flags and access by the flags of `fs.open`.
 *
 * @type {Record<string, { flags: OpenFlags, access: Access | undefined }>}
 */
const MODES = {
    r: { flags: {}, access: 'read-only' },
    'r+': { flags: {}, access: 'read-write' },
    w: { flags: { create: true, truncate: true }, access: 'write-only' },
    'w+': { flags: { create: true, truncate: true }, access: 'read-write' },
    wx: { flags: { create: true, exclusive: true }, access: 'write-only' },
    'wx+': { flags: { create: true, exclusive: true }, access: 'read-write' },
    a: { flags: { create: true }, access: 'append-only' },
    'a+': { flags: { create: true }, access: 'append' },
    ax: { flags: { create: true, exclusive: true }, access: 'append-only' },
    'ax+': { flags: { create: true, exclusive: true }, access: 'append' },
};

/**
 * Checks a size, length or position in bytes: an integer from 0 to 2^64 - 1.
 *
 * @type {Check<Filesize, bigint>}
 */
export function filesize(value, argument) {
    return integer(value, argument, 0n, 2n ** 64n - 1n);
}

/**
 * As `filesize`, or undefined.
 *
 * @type {Check<Filesize | undefined, bigint | undefined>}
 */
export function optionalFilesize(value, argument) {
    return value === undefined ? undefined : filesize(value, argument);
}

/**
 * Checks a signed distance in bytes.
 *
 * @type {Check<Filesize, bigint>}
 */
export function distance(value, argument) {
    return integer(value, argument, -(2n ** 63n), 2n ** 63n - 1n);
}

/** @type {(value: Filesize, argument: string, least: bigint, most: bigint) => bigint} */
function integer(value, argument, least, most) {
    if (typeof value !== 'number' && typeof value !== 'bigint') {
        throw wrongType(argument, 'a number or a bigint', value);
    }
    if (typeof value === 'number' && !Number.isSafeInteger(value)) {
        throw outOfRange(argument, 'an integer up to 2^53 - 1, or a bigint', value);
    }
    const exact = BigInt(value);
    if (exact < least || exact > most) {
        throw outOfRange(argument, least === 0n ? '0 or more, below 2^64' : 'within 64 bits', value);
    }
    return exact;
}

/**
 * Returns a number, or the bigint itself if a number would not be exact.
 *
 * @param {bigint} value
 */
export function exactNumber(value) {
    return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/**
 * Copies the caller's bytes: changing them later does not change the call.
 *
 * @type {Check<import('./index.js').Data, Uint8Array<ArrayBuffer>>}
 */
export function bytes(value, argument) {
    if (typeof value === 'string') {
        return new TextEncoder().encode(wellFormed(value, argument));
    }
    if (ArrayBuffer.isView(value)) {
        const { buffer, byteOffset, byteLength } = value;
        return new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength));
    }
    if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) {
        return new Uint8Array(new Uint8Array(value));
    }
    throw wrongType(argument, 'a string, a Buffer, a typed array or an ArrayBuffer', value);
}

/**
 * Checks an iterable, each value with `check`.
 *
 * @template Value, T
 * @param {Iterable<Value>} values
 * @param {string} argument
 * @param {Check<Value, T>} check
 * @returns {T[]}
 */
export function list(values, argument, check) {
    if (typeof values === 'string' || typeof values?.[Symbol.iterator] !== 'function') {
        throw wrongType(argument, 'an array or another iterable', values);
    }
    return Array.from(values, (value, index) => check(value, `${argument}[${index}]`));
}

/**
 * Checks a string for lone surrogates: encoding would silently replace them.
 *
 * @type {Check<string>}
 */
export function wellFormed(value, argument) {
    if (typeof value !== 'string') {
        throw wrongType(argument, 'a string', value);
    }
    if (!value.isWellFormed()) {
        throw new ScratchError({
            code: 'illegal-byte-sequence',
            message: `${argument}: a lone surrogate cannot be encoded`,
        });
    }
    return value;
}

/**
 * Converts a host path to the absolute guest path. Both are the same on POSIX.
 *
 * @type {Check<string | URL, string>}
 */
export function path(value, argument) {
    const text = value instanceof URL ? fileURLToPath(value) : wellFormed(value, argument);
    if (text === '') {
        throw wrongValue(argument, 'a path', text);
    }
    // An absolute path keeps its `..`: the component judges it.
    const absolute = isAbsolute(text) ? text : resolve(text);
    return process.platform === 'win32' ? absolute.replaceAll('\\', '/') : absolute;
}

/** Checks a path relative to a temporary directory. */
export const innerPath = wellFormed;

/**
 * Checks the options of a file.
 *
 * @param {import('./index.js').FileOptions | undefined} options
 * @returns {FileOptions}
 */
export function fileOptions(options) {
    const given = object(options, 'options');
    return present({
        prefix: optional(given.prefix, 'prefix', wellFormed),
        suffix: optional(given.suffix, 'suffix', wellFormed),
        directory: optional(given.directory, 'directory', path),
        access: optional(given.access, 'access', oneOf(ACCESS)),
        removal: optional(given.removal, 'removal', oneOf(REMOVAL)),
        bufferSize: optional(given.bufferSize, 'bufferSize', filesize),
    });
}

/**
 * Checks the options of a directory.
 *
 * @param {import('./index.js').DirectoryOptions | undefined} options
 * @returns {DirectoryOptions}
 */
export function directoryOptions(options) {
    const given = object(options, 'options');
    return present({
        prefix: optional(given.prefix, 'prefix', wellFormed),
        suffix: optional(given.suffix, 'suffix', wellFormed),
        directory: optional(given.directory, 'directory', path),
        removal: optional(given.removal, 'removal', oneOf(REMOVAL)),
        ignoreErrors: optional(given.ignoreErrors, 'ignoreErrors', boolean),
    });
}

/**
 * Checks the options of a text.
 *
 * @param {import('./index.js').TextOptions | undefined} options
 * @returns {TextOptions}
 */
export function textOptions(options) {
    const given = object(options, 'options');
    if (!NEWLINES.has(given.newline)) {
        throw wrongValue('newline', "null, '', '\\n', '\\r' or '\\r\\n'", given.newline);
    }
    return present({
        encoding: optional(given.encoding, 'encoding', encoding),
        errors: optional(given.errors, 'errors', oneOf(ERRORS)),
        newline: NEWLINES.get(given.newline),
    });
}

/**
 * Checks the mode of opening a file: flags of `fs.open`, or the component's flags and access.
 *
 * @param {import('./index.js').OpenMode} mode
 * @returns {{ flags: OpenFlags, access: Access | undefined }}
 */
export function openMode(mode) {
    if (typeof mode === 'string') {
        if (!Object.hasOwn(MODES, mode)) {
            throw wrongValue('flags', `one of ${Object.keys(MODES).join(', ')}`, mode);
        }
        return MODES[mode];
    }
    const given = object(mode, 'flags');
    const flags = present({
        create: optional(given.create, 'create', boolean),
        exclusive: optional(given.exclusive, 'exclusive', boolean),
        truncate: optional(given.truncate, 'truncate', boolean),
    });
    return { flags, access: optional(given.access, 'access', oneOf(ACCESS)) };
}

/** Checks the reference point of `seek`. */
export const whence = oneOf(WHENCE);

/** @type {Check<boolean>} */
export function boolean(value, argument) {
    if (typeof value !== 'boolean') {
        throw wrongType(argument, 'a boolean', value);
    }
    return value;
}

/**
 * Checks an object whose properties are not checked yet; null and undefined are an empty one.
 *
 * @template {object} T
 * @param {T | null | undefined} value
 * @param {string} argument
 * @returns {Partial<T>}
 */
export function object(value, argument) {
    if (value === undefined || value === null) {
        return {};
    }
    if (typeof value !== 'object') {
        throw wrongType(argument, 'an object', value);
    }
    return value;
}

/** @type {Check<string>} */
function encoding(value, argument) {
    const name = wellFormed(value, argument);
    return ENCODINGS[name.toLowerCase()] ?? name;
}

/**
 * @template {string} T
 * @param {T[]} values
 * @returns {Check<T>}
 */
function oneOf(values) {
    return (value, argument) => {
        if (!values.includes(value)) {
            throw wrongValue(argument, `one of ${values.join(', ')}`, value);
        }
        return value;
    };
}

/**
 * @template Value, T
 * @param {Value | null | undefined} value
 * @param {string} argument
 * @param {Check<Value, T>} check
 * @returns {T | undefined}
 */
function optional(value, argument, check) {
    return value === undefined || value === null ? undefined : check(value, argument);
}

/**
 * Returns the properties that are not undefined.
 *
 * @template {object} T
 * @param {T} options
 * @returns {{ [Name in keyof T]: Exclude<T[Name], undefined> }}
 */
function present(options) {
    return /** @type {any} */ (Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)));
}
