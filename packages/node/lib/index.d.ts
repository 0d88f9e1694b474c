// The public interface of the package, and its reference.

/// <reference types="node" />
import type { Readable, Writable } from 'node:stream';

/** A size or position in bytes. Results are numbers, or bigints if a number would not be exact. */
export type Filesize = number | bigint;

/** Content to write. A string is written as UTF-8. */
export type Data = string | ArrayBufferView | ArrayBufferLike;

/** The permitted operations on the content of a file. */
export type Access = 'read-write' | 'read-only' | 'write-only' | 'append' | 'append-only';

/**
 * When a name is removed: by `close()`, which is the default; when the object is dropped, which
 * `await using` does after closing it; or never.
 */
export type Removal = 'on-close' | 'on-drop' | 'never';

/** Options of a new file. */
export interface FileOptions {
    /** The beginning of the name; `tmp` by default. */
    prefix?: string;
    /** The end of the name, such as `.txt`. */
    suffix?: string;
    /** The parent directory: one that was passed to `openScratch`, or one below it. */
    directory?: string | URL;
    /** The permitted operations; `read-write` by default. */
    access?: Access;
    /** When the name is removed; `on-close` by default. */
    removal?: Removal;
    /** Size of the buffer for reading ahead and for small writes; 64 KiB by default, 0 for none. */
    bufferSize?: Filesize;
}

/** Options of a new spooled file. */
export interface SpooledFileOptions extends FileOptions {
    /** Most bytes to keep in memory; without it, all content is kept there. */
    maxSize?: Filesize;
}

/** Options of a new directory. */
export interface DirectoryOptions {
    /** The beginning of the name; `tmp` by default. */
    prefix?: string;
    /** The end of the name. */
    suffix?: string;
    /** The parent directory: one that was passed to `openScratch`, or one below it. */
    directory?: string | URL;
    /** When the directory and its content are removed; `on-close` by default. */
    removal?: Removal;
    /** Whether `close()` succeeds even if an entry could not be removed. */
    ignoreErrors?: boolean;
}

/** Options of a scratch space. */
export interface ScratchOptions {
    /** An existing directory for temporary files, `os.tmpdir()` by default. It need not be readable. */
    directory?: string | URL;
    /** Further directories to create files in or move them into. */
    directories?: Iterable<string | URL>;
    /** All environment variables of the component, such as `SCRATCH_MAX_BYTES`. */
    environment?: Record<string, string>;
}

/** The encoding of a text. */
export interface TextOptions {
    /** utf-8 (the default), utf-8-sig, utf-16, utf-16-le, utf-16-be, latin-1, ascii, or Node's names. */
    encoding?: string;
    /** The handling of characters or bytes that cannot be converted; `strict` by default. */
    errors?: 'strict' | 'ignore' | 'replace' | 'backslash-replace' | 'surrogate-escape';
    /**
     * The line ending. By default `\n`, `\r` and `\r\n` end a line and are read as `\n`. With `''`
     * they end a line and are read unchanged. Any other value ends a line, and `\n` is written as it.
     */
    newline?: null | '' | '\n' | '\r' | '\r\n';
}

/** Options of a read stream. */
export interface ReadStreamOptions {
    /** Offset of the first byte. By default reading starts at the position and moves it. */
    start?: Filesize;
    /** Offset of the last byte to read; by default the last byte of the file. */
    end?: Filesize;
    /** Most bytes to buffer; 64 KiB by default. */
    highWaterMark?: number;
    /** Encoding of the chunks as strings; without it, they are Buffers. */
    encoding?: BufferEncoding;
    /** Whether the end of the stream closes (and removes) the file; `false` by default. */
    autoClose?: boolean;
    /** Aborts the stream. */
    signal?: AbortSignal;
}

/** Options of a write stream. */
export interface WriteStreamOptions {
    /** Offset of the first byte. By default writing starts at the position and moves it. */
    start?: Filesize;
    /** Most bytes to buffer; 64 KiB by default. */
    highWaterMark?: number;
    /** Whether the end of the stream closes (and removes) the file; `false` by default. */
    autoClose?: boolean;
    /** Aborts the stream. */
    signal?: AbortSignal;
}

/** An entry of a directory. */
export interface Entry {
    /** The name, without the path. */
    name: string;
    /** The type. Links are not followed. */
    kind: 'file' | 'directory' | 'symbolic-link' | 'other';
    /** Size of a file in bytes; 0 for other types. */
    size: Filesize;
}

/** How to open a file of a directory: the flags of `fs.open`, or each property by itself. */
export type OpenMode =
    | 'r'
    | 'r+'
    | 'w'
    | 'w+'
    | 'wx'
    | 'wx+'
    | 'a'
    | 'a+'
    | 'ax'
    | 'ax+'
    | { create?: boolean; exclusive?: boolean; truncate?: boolean; access?: Access };

/**
 * An error of the component or its host.
 *
 * Wrong arguments are TypeErrors and RangeErrors, as in Node, with the codes ERR_INVALID_ARG_TYPE,
 * ERR_INVALID_ARG_VALUE and ERR_OUT_OF_RANGE.
 */
export class ScratchError extends Error {
    private constructor();
    /**
     * Node's code: ENOENT, EEXIST, EACCES, EPERM, EINVAL, ENOSPC, EDQUOT, EFBIG, EMFILE, …;
     * ERR_CLOSED after `close()`; ERR_SCRATCH_FAILED if the component itself failed. After that,
     * every call in its scratch space fails.
     */
    readonly code: string;
    /** The component's code: `no-entry`, `exist`, `insufficient-space`, …, or `failed`. */
    readonly scratchCode: string;
    /** The negated error number of the system, if there is one. */
    readonly errno?: number | undefined;
    /** Bytes written before the error, if a write of more than 4 MiB failed after its first part. */
    readonly bytesWritten?: number | undefined;
}

/** The members that files and texts share. */
interface Common extends AsyncDisposable {
    /** The path of a named file, also after `close()`; undefined for a file without a name. */
    readonly path: string | undefined;
    /** Whether `close()` has succeeded. */
    readonly closed: boolean;
    /** Sets the size in bytes, by default to the position, which does not change. */
    truncate(size?: Filesize): Promise<void>;
    /** Passes buffered writes to the system: then other processes can read them. */
    flush(): Promise<void>;
    /** Moves a spooled file to disk now. */
    rollover(): Promise<void>;
    /** Returns whether the content is on disk; true unless the file is spooled. */
    isRolled(): Promise<boolean>;
    /** Closes and removes the file. After an error, call it again; after success, it does nothing. */
    close(): Promise<void>;
}

/**
 * A temporary file: unnamed, named or spooled in memory.
 *
 * Operations run one at a time, in the order of the calls. `for await` yields lines, with their line
 * endings, starting at the position.
 */
export class TemporaryFile implements Common {
    private constructor();
    readonly path: string | undefined;
    readonly closed: boolean;
    /** Returns the position, in bytes from the beginning. */
    tell(): Promise<Filesize>;
    /** Moves the position and returns it; EINVAL below 0. It may be beyond the end. */
    seek(offset: Filesize, whence?: 'start' | 'current' | 'end'): Promise<Filesize>;
    /** Reads `max` bytes, by default all to the end. Returns fewer bytes only at the end. */
    read(max?: Filesize): Promise<Buffer>;
    /** Reads from the position to the end. */
    readToEnd(): Promise<Buffer>;
    /** Reads up to and including the next `\n`, at most `limit` bytes. Empty at the end. */
    readLine(limit?: Filesize): Promise<Buffer>;
    /** Reads lines until their total size reaches `hint` bytes; by default, all lines. */
    readLines(hint?: Filesize): Promise<Buffer[]>;
    /** Reads up to `max` bytes at `offset`, without moving the position. */
    readAt(max: Filesize, offset: Filesize): Promise<Buffer>;
    /**
     * Writes all of `data` at the position. After an error nothing is written, except that a write
     * of more than 4 MiB may have written its first `bytesWritten` bytes.
     */
    write(data: Data): Promise<void>;
    /** Writes the lines without adding line endings. After an error, earlier lines are written. */
    writeLines(lines: Iterable<Data>): Promise<void>;
    /** Writes all of `data` at `offset`, without moving the position. EPERM if access is `append`. */
    writeAt(data: Data, offset: Filesize): Promise<void>;
    truncate(size?: Filesize): Promise<void>;
    flush(): Promise<void>;
    /** Flushes, and waits until the content is stored on the disk. */
    sync(): Promise<void>;
    /** Returns the size in bytes. */
    size(): Promise<Filesize>;
    rollover(): Promise<void>;
    isRolled(): Promise<boolean>;
    /**
     * Moves the file to `path`, where it is kept. The file remains open.
     *
     * EEXIST if `path` exists and `replace` is not true; ENOENT if its directory does not exist or
     * was not passed to `openScratch`. After an error the file is where it was.
     */
    persist(path: string | URL, options?: { replace?: boolean }): Promise<void>;
    /** Keeps a named file: it is never removed. */
    keep(): Promise<void>;
    /** Returns a text that starts at the position, and closes this object. */
    text(options?: TextOptions): Promise<TextFile>;
    /** Returns a stream of the content, with back-pressure. */
    createReadStream(options?: ReadStreamOptions): Readable;
    /** Returns a stream into the file, with back-pressure. It flushes the file before `finish`. */
    createWriteStream(options?: WriteStreamOptions): Writable;
    close(): Promise<void>;
    [Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined>;
    [Symbol.asyncDispose](): Promise<void>;
}

declare const position: unique symbol;

/** A position in a text: a result of `tell`, for `seek` only. */
export interface TextPosition {
    readonly [position]: never;
}

/** Text over a temporary file. Lengths are in characters (code points). */
export class TextFile implements Common {
    private constructor();
    readonly path: string | undefined;
    readonly closed: boolean;
    /** Reads `max` characters, by default all to the end. Returns fewer only at the end. */
    read(max?: Filesize): Promise<string>;
    /** Reads from the position to the end. */
    readToEnd(): Promise<string>;
    /** Reads a line with its line ending, at most `limit` characters. Empty at the end. */
    readLine(limit?: Filesize): Promise<string>;
    /** Reads lines until their total length reaches `hint` characters; by default, all lines. */
    readLines(hint?: Filesize): Promise<string[]>;
    /** Writes all of `text`. EILSEQ, with nothing written, if it has a character that cannot be encoded. */
    write(text: string): Promise<void>;
    /** Writes the lines without adding line endings. After an error, earlier lines are written. */
    writeLines(lines: Iterable<string>): Promise<void>;
    /** Returns the position, for `seek`. */
    tell(): Promise<TextPosition>;
    /** Moves to the start, to the end or to a result of `tell`. */
    seek(position: 'start' | 'end' | TextPosition): Promise<void>;
    truncate(size?: Filesize): Promise<void>;
    flush(): Promise<void>;
    rollover(): Promise<void>;
    isRolled(): Promise<boolean>;
    /** Returns the file, with the position of the text, and closes this object. */
    intoFile(): Promise<TemporaryFile>;
    close(): Promise<void>;
    [Symbol.asyncIterator](): AsyncGenerator<string, void, undefined>;
    [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A temporary directory. Paths are relative to it, with `/` between names. No path leads out of it:
 * `..` and absolute paths are EPERM, and links are not followed.
 */
export class TemporaryDirectory implements AsyncDisposable {
    private constructor();
    /** The path, also after `close()`. */
    readonly path: string;
    /** Whether `close()` has succeeded. */
    readonly closed: boolean;
    /** Opens a file in it, by default for reading. The file is removed with the directory. */
    open(path: string, flags?: OpenMode): Promise<TemporaryFile>;
    /** Creates a directory in it; EEXIST if an entry of that name exists. */
    createDirectory(path: string): Promise<void>;
    /** Lists the directory, or one in it, in no particular order. */
    entries(path?: string): Promise<Entry[]>;
    /** Removes a file, a link or a directory tree in it. */
    remove(path: string): Promise<void>;
    /** Keeps the directory: it is never removed. */
    keep(): Promise<void>;
    /** Removes the directory and its content. After an error, call it again. */
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}

/** Scratch space: one instance of the component, in a separate thread. */
export class Scratch implements AsyncDisposable {
    private constructor();
    /** The directory for temporary files. */
    readonly directory: string;
    /** Creates a file without a name. */
    temporaryFile(options?: FileOptions): Promise<TemporaryFile>;
    /** Creates a file with a name; its `path` is set. */
    namedTemporaryFile(options?: FileOptions): Promise<TemporaryFile & { readonly path: string }>;
    /** Creates a file in memory that moves to disk when it grows beyond `maxSize`. */
    spooledTemporaryFile(options?: SpooledFileOptions): Promise<TemporaryFile>;
    /** Creates an empty directory. */
    temporaryDirectory(options?: DirectoryOptions): Promise<TemporaryDirectory>;
    /** Closes all its files and directories, and ends its thread. */
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}

/** Opens scratch space. ENOENT or ENOTDIR if one of the directories is not a directory. */
export function openScratch(options?: ScratchOptions): Promise<Scratch>;

/** Calls the method of a `Scratch` in the system's directory for temporary files. */
export function temporaryFile(options?: FileOptions): Promise<TemporaryFile>;

/** Calls the method of a `Scratch` in the system's directory for temporary files. */
export function namedTemporaryFile(options?: FileOptions): Promise<TemporaryFile & { readonly path: string }>;

/** Calls the method of a `Scratch` in the system's directory for temporary files. */
export function spooledTemporaryFile(options?: SpooledFileOptions): Promise<TemporaryFile>;

/** Calls the method of a `Scratch` in the system's directory for temporary files. */
export function temporaryDirectory(options?: DirectoryOptions): Promise<TemporaryDirectory>;

// Without it, declarations that are not marked as exported would be exported too.
export {};
