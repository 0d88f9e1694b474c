// Checks arguments before they leave the caller's thread: what arrives at the component has the
// types that its interface names, so that nothing can fail half-way inside it.

import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ScratchError, outOfRange, wrongType, wrongValue } from './errors.js';

const ACCESS = ['read-write', 'read-only', 'write-only', 'append', 'append-only'];
const REMOVAL = ['on-close', 'on-drop', 'never'];
const WHENCE = ['start', 'current', 'end'];
const ERRORS = ['strict', 'ignore', 'replace', 'backslash-replace', 'surrogate-escape'];

/** What ends a line, as Python's `newline` says it, and the component's word for it. */
const NEWLINES = new Map([
    [undefined, 'universal'],
    [null, 'universal'],
    ['', 'untranslated'],
    ['\n', 'line-feed'],
    ['\r', 'carriage-return'],
    ['\r\n', 'carriage-return-line-feed'],
]);

/** Node's names of encodings where they are not Python's. */
const ENCODINGS = { utf16le: 'utf-16-le', 'utf-16le': 'utf-16-le', ucs2: 'utf-16-le', 'ucs-2': 'utf-16-le', binary: 'latin-1' };

/** How to open a file of a directory, as `fs.open` says it. */
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

/** A size, a length or a position in bytes: a whole number from 0 on, as the component takes it. */
export function filesize(value, argument) {
    return whole(value, argument, 0n, 2n ** 64n - 1n);
}

/** As `filesize`, or nothing. */
export function optionalFilesize(value, argument) {
    return value === undefined ? undefined : filesize(value, argument);
}

/** A distance in bytes, forwards or backwards. */
export function distance(value, argument) {
    return whole(value, argument, -(2n ** 63n), 2n ** 63n - 1n);
}

function whole(value, argument, least, most) {
    if (typeof value !== 'number' && typeof value !== 'bigint') {
        throw wrongType(argument, 'a number or a bigint', value);
    }
    if (typeof value === 'number' && !Number.isSafeInteger(value)) {
        throw outOfRange(argument, 'a whole number up to 2^53 - 1, or a bigint', value);
    }
    const exact = BigInt(value);
    if (exact < least || exact > most) {
        throw outOfRange(argument, least === 0n ? '0 or more, below 2^64' : 'within 64 bits', value);
    }
    return exact;
}

/** Gives a number back as callers expect it: a bigint only where a number would not be exact. */
export function kind(value) {
    return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/** Bytes of the caller's, copied so that what becomes of them later does not matter. */
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

/** Several values, each as `check` takes it. */
export function several(values, argument, check) {
    if (typeof values === 'string' || typeof values?.[Symbol.iterator] !== 'function') {
        throw wrongType(argument, 'an array or another iterable', values);
    }
    return Array.from(values, (value, index) => check(value, `${argument}[${index}]`));
}

/** A string without lone surrogates, which no encoding can store: they would be lost silently. */
export function wellFormed(value, argument) {
    if (typeof value !== 'string') {
        throw wrongType(argument, 'a string', value);
    }
    if (!value.isWellFormed()) {
        throw new ScratchError({
            code: 'illegal-byte-sequence',
            message: `${argument}: a lone surrogate is no character`,
        });
    }
    return value;
}

/** A path of the host's, absolute, as the component knows it: both are the same on POSIX. */
export function path(value, argument) {
    const text = value instanceof URL ? fileURLToPath(value) : wellFormed(value, argument);
    if (text === '') {
        throw wrongValue(argument, 'a path', text);
    }
    // A path that is absolute is the component's to judge, `..` and all.
    const absolute = isAbsolute(text) ? text : resolve(text);
    return process.platform === 'win32' ? absolute.replaceAll('\\', '/') : absolute;
}

/** A path within a temporary directory. */
export const innerPath = wellFormed;

/** @param {object | undefined} options what a caller said of a file */
export function fileOptions(options) {
    const given = object(options, 'options');
    return present({
        prefix: optional(given.prefix, 'prefix', wellFormed),
        suffix: optional(given.suffix, 'suffix', wellFormed),
        directory: optional(given.directory, 'directory', path),
        access: optional(given.access, 'access', word(ACCESS)),
        removal: optional(given.removal, 'removal', word(REMOVAL)),
        bufferSize: optional(given.bufferSize, 'bufferSize', filesize),
    });
}

/** @param {object | undefined} options what a caller said of a directory */
export function directoryOptions(options) {
    const given = object(options, 'options');
    return present({
        prefix: optional(given.prefix, 'prefix', wellFormed),
        suffix: optional(given.suffix, 'suffix', wellFormed),
        directory: optional(given.directory, 'directory', path),
        removal: optional(given.removal, 'removal', word(REMOVAL)),
        ignoreErrors: optional(given.ignoreErrors, 'ignoreErrors', boolean),
    });
}

/** @param {object | undefined} options what a caller said of a text */
export function textOptions(options) {
    const given = object(options, 'options');
    if (!NEWLINES.has(given.newline)) {
        throw wrongValue('newline', "null, '', '\\n', '\\r' or '\\r\\n'", given.newline);
    }
    return present({
        encoding: optional(given.encoding, 'encoding', encoding),
        errors: optional(given.errors, 'errors', word(ERRORS)),
        newline: NEWLINES.get(given.newline),
    });
}

/** How to open a file of a directory: as `fs.open` says it, or in the component's words. */
export function openMode(how) {
    if (typeof how === 'string') {
        if (!Object.hasOwn(MODES, how)) {
            throw wrongValue('flags', `one of ${Object.keys(MODES).join(', ')}`, how);
        }
        return MODES[how];
    }
    const given = object(how, 'flags');
    const flags = present({
        create: optional(given.create, 'create', boolean),
        exclusive: optional(given.exclusive, 'exclusive', boolean),
        truncate: optional(given.truncate, 'truncate', boolean),
    });
    return { flags, access: optional(given.access, 'access', word(ACCESS)) };
}

export const whence = (value) => word(WHENCE)(value, 'whence');

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

function word(words) {
    return (value, argument) => {
        if (!words.includes(value)) {
            throw wrongValue(argument, `one of ${words.join(', ')}`, value);
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
