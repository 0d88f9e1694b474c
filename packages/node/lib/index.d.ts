/// <reference types="node" />
import type { Readable, Writable } from 'node:stream';

/** A number of bytes or a position: given as either; told as a number unless it would not be exact. */
export type Filesize = number | bigint;

/** Content to write: a string is written as UTF-8. */
export type Data = string | ArrayBufferView | ArrayBufferLike;

/** What may be done with the content of a file. */
export type Access = 'read-write' | 'read-only' | 'write-only' | 'append' | 'append-only';

/**
 * When a name is removed: at `close()`, the default; when the file is dropped, which
 * `await using` does after closing it; or never.
 */
export type Removal = 'on-close' | 'on-drop' | 'never';

/** How to create a file. */
export interface FileOptions {
    /** What the name begins with; `tmp` by default. */
    prefix?: string;
    /** What the name ends with, such as `.txt`. */
    suffix?: string;
    /** The directory to create it in, below one that `openScratch` was given. */
    directory?: string | URL;
    /** What may be done with the content; `read-write` by default. */
    access?: Access;
    /** When the name is removed; `on-close` by default. */
    removal?: Removal;
    /** Bytes of reading ahead or of small writes to hold in memory; 64 KiB by default, 0 for none. */
    bufferSize?: Filesize;
}

/** How to create a spooled file. */
export interface SpooledFileOptions extends FileOptions {
    /** The content, in bytes, that stays in memory; without it, all of it does. */
    maxSize?: Filesize;
}

/** How to create a directory. */
export interface DirectoryOptions {
    /** What the name begins with; `tmp` by default. */
    prefix?: string;
    /** What the name ends with. */
    suffix?: string;
    /** The directory to create it in, below one that `openScratch` was given. */
    directory?: string | URL;
    /** When it is removed, with all that it contains; `on-close` by default. */
    removal?: Removal;
    /** Whether `close()` succeeds although something could not be removed. */
    ignoreErrors?: boolean;
}

/** How to open scratch space. */
export interface ScratchOptions {
    /** The directory for temporary files; `os.tmpdir()` by default. It must exist. */
    directory?: string | URL;
    /** Further directories that files may be created in or moved into. */
    directories?: Iterable<string | URL>;
    /** Environment variables of the component, and no others. */
    environment?: Record<string, string>;
}

/** How text becomes bytes. */
export interface TextOptions {
    /** `utf-8` by default; utf-8-sig, utf-16, utf-16-le, utf-16-be, latin-1, ascii, or Node's names. */
    encoding?: string;
    /** What to do with what has no counterpart; `strict` by default. */
    errors?: 'strict' | 'ignore' | 'replace' | 'backslash-replace' | 'surrogate-escape';
    /**
     * What ends a line: by default `\n`, `\r` and `\r\n`, all read as `\n`; with `''` they stay what
     * they are; otherwise what is given, as which `\n` is written.
     */
    newline?: null | '' | '\n' | '\r' | '\r\n';
}

/** What to read as a stream. */
export interface ReadStreamOptions {
    /** The first byte; by default the position, which then moves along. */
    start?: Filesize;
    /** The last byte, itself included; by default that of the file. */
    end?: Filesize;
    /** Bytes to hold at most; 64 KiB by default. */
    highWaterMark?: number;
    /** Strings in this encoding instead of Buffers. */
    encoding?: BufferEncoding;
    /** Whether the end of the stream closes, and so removes, the file; `false` by default. */
    autoClose?: boolean;
    /** Ends the stream when it is aborted. */
    signal?: AbortSignal;
}

/** Where to write a stream. */
export interface WriteStreamOptions {
    /** Where the first byte goes; by default to the position, which then moves along. */
    start?: Filesize;
    /** Bytes to hold at most; 64 KiB by default. */
    highWaterMark?: number;
    /** Whether the end of the stream closes, and so removes, the file; `false` by default. */
    autoClose?: boolean;
    /** Ends the stream when it is aborted. */
    signal?: AbortSignal;
}

/** An entry of a directory. */
export interface Entry {
    /** Its name, without the path. */
    name: string;
    /** What it is; a link is never followed. */
    kind: 'file' | 'directory' | 'symbolic-link' | 'other';
    /** How many bytes a file holds; 0 for anything else. */
    size: Filesize;
}

/** How to open a file of a directory: as `fs.open` says it, or one by one. */
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
 * What the component or its host refused.
 *
 * Arguments of a wrong type are TypeErrors, and numbers out of bounds RangeErrors, as everywhere in
 * Node: with the codes ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE and ERR_OUT_OF_RANGE.
 */
export class ScratchError extends Error {
    private constructor();
    /**
     * Node's word: ENOENT, EEXIST, EACCES, EPERM, EINVAL, ENOSPC, EDQUOT, EFBIG, EMFILE, …;
     * ERR_CLOSED after `close()`; ERR_SCRATCH_FAILED if the component itself failed, which ends
     * all that was open in its scratch space.
     */
    readonly code: string;
    /** The component's word: `no-entry`, `exist`, `insufficient-space`, …, or `failed`. */
    readonly scratchCode: string;
    /** The system's number, negative, where there is one. */
    readonly errno?: number;
    /** What had been written of more than 4 MiB when a later part was refused. */
    readonly bytesWritten?: number;
}

/** What files and texts have in common. */
interface Common extends AsyncDisposable {
    /** The path of a named file, also after `close()`; nothing for a file without a name. */
    readonly path: string | undefined;
    /** Whether `close()` has succeeded. */
    readonly closed: boolean;
    /** Makes the file `size` bytes long, by default as long as the position, which stays. */
    truncate(size?: Filesize): Promise<void>;
    /** Hands buffered writes to the system, so that others who open the file see them. */
    flush(): Promise<void>;
    /** Moves a spooled file to disk now. */
    rollover(): Promise<void>;
    /** Tells whether the content is on disk; always so unless the file is spooled. */
    isRolled(): Promise<boolean>;
    /** Removes the file and reports the outcome; once more if that failed. Again does nothing. */
    close(): Promise<void>;
}

/**
 * A temporary file: unnamed, named or spooled in memory.
 *
 * Operations run one at a time, in the order of the calls. `for await` tells lines, with their
 * ends, from the position on.
 */
export class TemporaryFile implements Common {
    private constructor();
    readonly path: string | undefined;
    readonly closed: boolean;
    /** Tells the position, in bytes from the beginning. */
    tell(): Promise<Filesize>;
    /** Moves the position and tells the new one; EINVAL below 0. It may lie beyond the end. */
    seek(offset: Filesize, whence?: 'start' | 'current' | 'end'): Promise<Filesize>;
    /** Reads up to `max` bytes, by default all to the end; fewer only at the end. */
    read(max?: Filesize): Promise<Buffer>;
    /** Reads from the position to the end. */
    readToEnd(): Promise<Buffer>;
    /** Reads up to and including the next `\n`, at most `limit` bytes; none at the end. */
    readLine(limit?: Filesize): Promise<Buffer>;
    /** Reads lines until their bytes together reach `hint`, by default all. */
    readLines(hint?: Filesize): Promise<Buffer[]>;
    /** Reads up to `max` bytes at `offset`; the position stays. */
    readAt(max: Filesize, offset: Filesize): Promise<Buffer>;
    /**
     * Writes all of `data` at the position. After an error nothing of it counts as written, or, of
     * more than 4 MiB, the first `bytesWritten` bytes.
     */
    write(data: Data): Promise<void>;
    /** Writes one line after the other as they are. After an error those before it are written. */
    writeLines(lines: Iterable<Data>): Promise<void>;
    /** Writes all of `data` at `offset`; the position stays. EPERM if the file is for appending. */
    writeAt(data: Data, offset: Filesize): Promise<void>;
    truncate(size?: Filesize): Promise<void>;
    flush(): Promise<void>;
    /** Flushes, and waits until the content has reached the disk. */
    sync(): Promise<void>;
    /** Tells how many bytes the file holds. */
    size(): Promise<Filesize>;
    rollover(): Promise<void>;
    isRolled(): Promise<boolean>;
    /**
     * Moves the file to `path` for good; the file stays open.
     *
     * EEXIST if there is one, unless `replace` says to replace it; ENOENT if its directory does not
     * exist or is not one that `openScratch` was given. After an error the file is where it was.
     */
    persist(path: string | URL, options?: { replace?: boolean }): Promise<void>;
    /** Leaves a named file where it is for good. */
    keep(): Promise<void>;
    /** Reads and writes text from the position on; this object is then closed. */
    text(options?: TextOptions): Promise<TextFile>;
    /** A stream of the content, with back-pressure. */
    createReadStream(options?: ReadStreamOptions): Readable;
    /** A stream into the file, with back-pressure; its `finish` follows a `flush()`. */
    createWriteStream(options?: WriteStreamOptions): Writable;
    close(): Promise<void>;
    [Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined>;
    [Symbol.asyncDispose](): Promise<void>;
}

/** A place in a text, for `seek` alone. */
export interface TextPosition {
    readonly [Symbol.toStringTag]?: never;
}

/** Text over a temporary file; lengths are counted in characters (code points). */
export class TextFile implements Common {
    private constructor();
    readonly path: string | undefined;
    readonly closed: boolean;
    /** Reads up to `max` characters, by default all to the end; fewer only at the end. */
    read(max?: Filesize): Promise<string>;
    /** Reads from the position to the end. */
    readToEnd(): Promise<string>;
    /** Reads a line with its end, at most `limit` characters; none at the end. */
    readLine(limit?: Filesize): Promise<string>;
    /** Reads lines until their characters together reach `hint`, by default all. */
    readLines(hint?: Filesize): Promise<string[]>;
    /** Writes all of `text`; EILSEQ for what the encoding does not have, and nothing is written. */
    write(text: string): Promise<void>;
    /** Writes one line after the other as they are. After an error those before it are written. */
    writeLines(lines: Iterable<string>): Promise<void>;
    /** Tells the position, for `seek`. */
    tell(): Promise<TextPosition>;
    /** Moves to the start, to the end or to what `tell` told. */
    seek(position: 'start' | 'end' | TextPosition): Promise<void>;
    truncate(size?: Filesize): Promise<void>;
    flush(): Promise<void>;
    rollover(): Promise<void>;
    isRolled(): Promise<boolean>;
    /** Gives the file back, with its position where that of the text was; this object is closed. */
    intoFile(): Promise<TemporaryFile>;
    close(): Promise<void>;
    [Symbol.asyncIterator](): AsyncGenerator<string, void, undefined>;
    [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A temporary directory. Paths are relative to it, with `/` between names; nothing reaches
 * outside: `..` and absolute paths are EPERM, links are not followed.
 */
export class TemporaryDirectory implements AsyncDisposable {
    private constructor();
    /** Its path, also after `close()`. */
    readonly path: string;
    /** Whether `close()` has succeeded. */
    readonly closed: boolean;
    /** Opens a file in it, by default for reading; it is removed with the directory. */
    open(path: string, flags?: OpenMode): Promise<TemporaryFile>;
    /** Creates a directory in it; EEXIST if there is an entry of that name. */
    createDirectory(path: string): Promise<void>;
    /** Lists it, or a directory in it, in no particular order. */
    entries(path?: string): Promise<Entry[]>;
    /** Removes a file, a link or a whole tree in it. */
    remove(path: string): Promise<void>;
    /** Leaves it where it is for good. */
    keep(): Promise<void>;
    /** Removes it with all that it contains and reports the outcome; once more if that failed. */
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}

/** Scratch space: one instance of the component in a thread of its own. */
export class Scratch implements AsyncDisposable {
    private constructor();
    /** The directory for temporary files. */
    readonly directory: string;
    /** Creates a file that has no name. */
    temporaryFile(options?: FileOptions): Promise<TemporaryFile>;
    /** Creates a file with a name, which `path` tells. */
    namedTemporaryFile(options?: FileOptions): Promise<TemporaryFile & { readonly path: string }>;
    /** Creates a file in memory that moves to disk when it grows above `maxSize`. */
    spooledTemporaryFile(options?: SpooledFileOptions): Promise<TemporaryFile>;
    /** Creates an empty directory. */
    temporaryDirectory(options?: DirectoryOptions): Promise<TemporaryDirectory>;
    /** Closes all that is open in it, and ends its thread. */
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}

/** Opens scratch space; ENOENT or ENOTDIR if a directory is none. */
export function openScratch(options?: ScratchOptions): Promise<Scratch>;

/** As the method of `Scratch`, in the system's directory for temporary files. */
export function temporaryFile(options?: FileOptions): Promise<TemporaryFile>;

/** As the method of `Scratch`, in the system's directory for temporary files. */
export function namedTemporaryFile(options?: FileOptions): Promise<TemporaryFile & { readonly path: string }>;

/** As the method of `Scratch`, in the system's directory for temporary files. */
export function spooledTemporaryFile(options?: SpooledFileOptions): Promise<TemporaryFile>;

/** As the method of `Scratch`, in the system's directory for temporary files. */
export function temporaryDirectory(options?: DirectoryOptions): Promise<TemporaryDirectory>;
