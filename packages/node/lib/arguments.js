// Checks and converts arguments in the caller's thread. The component then receives only values of
// the types in its interface, and a wrong argument has no effect.

import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ScratchError, outOfRange, wrongType, wrongValue } from './errors.js';

const ACCESS = ['read-write', 'read-only', 'write-only', 'append', 'append-only'];
const REMOVAL = ['on-close', 'on-drop', 'never'];
const WHENCE = ['start', 'current', 'end'];
const ERRORS = ['strict', 'ignore', 'replace', 'backslash-replace', 'surrogate-escape'];

/** The component's names of line endings, by Python's `newline` argument. */
const NEWLINES = new Map([
    [undefined, 'universal'],
    [null, 'universal'],
    ['', 'untranslated'],
    ['\n', 'line-feed'],
    ['\r', 'carriage-return'],
    ['\r\n', 'carriage-return-line-feed'],
]);

/** The component's names of encodings that Node names differently. */
const ENCODINGS = {
    utf16le: 'utf-16-le',
    'utf-16le': 'utf-16-le',
    ucs2: 'utf-16-le',
    'ucs-2': 'utf-16-le',
    binary: 'latin-1',
};

/** Flags and access by the flags of `fs.open`. */
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

/** Checks a size, length or position in bytes: an integer from 0 to 2^64 - 1. */
export function filesize(value, argument) {
    return integer(value, argument, 0n, 2n ** 64n - 1n);
}

/** As `filesize`, or undefined. */
export function optionalFilesize(value, argument) {
    return value === undefined ? undefined : filesize(value, argument);
}

/** Checks a signed distance in bytes. */
export function distance(value, argument) {
    return integer(value, argument, -(2n ** 63n), 2n ** 63n - 1n);
}

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

/** Returns a number, or the bigint itself if a number would not be exact. */
export function exactNumber(value) {
    return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/** Copies the caller's bytes: changing them later does not change the call. */
export function bytes(value, argument) {
    if (typeof value === 'string') {
        return new TextEncoder().encode(wellFormed(value, argument));
    }
    if (ArrayBuffer.isView(value)) {
        return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
    }
    if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) {
        return new Uint8Array(value).slice();
    }
    throw wrongType(argument, 'a string, a Buffer, a typed array or an ArrayBuffer', value);
}

/** Checks an iterable, each value with `check`. */
export function list(values, argument, check) {
    if (typeof values === 'string' || typeof values?.[Symbol.iterator] !== 'function') {
        throw wrongType(argument, 'an array or another iterable', values);
    }
    return Array.from(values, (value, index) => check(value, `${argument}[${index}]`));
}

/** Checks a string for lone surrogates: encoding would silently replace them. */
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

/** Converts a host path to the absolute guest path. Both are the same on POSIX. */
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

/** @param {object | undefined} options the options of a file */
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

/** @param {object | undefined} options the options of a directory */
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

/** @param {object | undefined} options the options of a text */
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

/** Checks the mode of opening a file: flags of `fs.open`, or the component's flags and access. */
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

export const whence = (value) => oneOf(WHENCE)(value, 'whence');

export function boolean(value, argument) {
    if (typeof value !== 'boolean') {
        throw wrongType(argument, 'a boolean', value);
    }
    return value;
}

export function object(value, argument) {
    if (value === undefined || value === null) {
        return {};
    }
    if (typeof value !== 'object') {
        throw wrongType(argument, 'an object', value);
    }
    return value;
}

function encoding(value, argument) {
    const name = wellFormed(value, argument);
    return ENCODINGS[name.toLowerCase()] ?? name;
}

function oneOf(values) {
    return (value, argument) => {
        if (!values.includes(value)) {
            throw wrongValue(argument, `one of ${values.join(', ')}`, value);
        }
        return value;
    };
}

function optional(value, argument, check) {
    return value === undefined || value === null ? undefined : check(value, argument);
}

function present(options) {
    return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
