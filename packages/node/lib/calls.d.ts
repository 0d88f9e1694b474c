// The calls between the two threads, by resource: the parameters and the result of each method.

import type {
    Access,
    DirectoryOptions,
    Entry as DirectoryEntry,
    FileOptions,
    OpenFlags,
    Whence,
} from './component/interfaces/scratch-tempfile-tempfile.js';
import type { Target, TextOptions, TextPosition } from './component/interfaces/scratch-tempfile-text.js';

/** A new resource of the component, and its path if it has a name. */
export interface Created {
    handle: number;
    path: string | undefined;
}

/** Lines, and the position of the first of them. */
export interface Lines<Position, Line> {
    start: Position;
    lines: Line[];
}

/** Calls of the component itself. */
export interface ComponentCalls {
    /** Returns when the component runs and its directories are open. */
    ready(): void;
    create(options: FileOptions): Created;
    createNamed(options: FileOptions): Created;
    createSpooled(maxSize: bigint | undefined, options: FileOptions): Created;
    createDirectory(options: DirectoryOptions): Created;
    closeAll(): void;
}

/** Calls of every resource. */
export interface HandleCalls {
    /** Closes the resource, and releases it unless its name is removed on drop. */
    close(removedOnDrop: boolean): void;
    drop(): void;
}

/** Calls that files and texts share; both count positions and lines in their own type. */
export interface ContentCalls<Position, Line> extends HandleCalls {
    flush(): void;
    rollover(): void;
    isRolled(): boolean;
    truncate(size: bigint | undefined): void;
    readLine(limit: bigint | undefined): Line;
    readLines(hint: bigint | undefined): Line[];
    writeLines(lines: Line[]): void;
    /** Reads ahead: as `readLines`, with the position before it. */
    lines(hint: bigint): Lines<Position, Line>;
    /** Moves to the end of these lines, which begin at `start`. */
    rewind(start: Position, lines: Line[]): void;
}

export interface FileCalls extends ContentCalls<bigint, Uint8Array> {
    tell(): bigint;
    seek(offset: bigint, whence: Whence): bigint;
    size(): bigint;
    sync(): void;
    read(max: bigint): Uint8Array;
    readAt(max: bigint, offset: bigint): Uint8Array;
    write(data: Uint8Array): void;
    writeAt(data: Uint8Array, offset: bigint): void;
    /** Returns the path of the moved file. */
    persist(path: string, replace: boolean): string | undefined;
    keep(): void;
    text(options: TextOptions): Created;
}

export interface TextCalls extends ContentCalls<TextPosition, string> {
    tell(): TextPosition;
    seek(target: Target): void;
    read(max: bigint | undefined): string;
    write(text: string): void;
    intoFile(): Created;
}

export interface DirectoryCalls extends HandleCalls {
    open(path: string, flags: OpenFlags, access: Access | undefined): Created;
    createDirectory(path: string): void;
    entries(path: string): DirectoryEntry[];
    remove(path: string): void;
    keep(): void;
}

/** A resource in the component's thread. */
export interface Entry<Resource> {
    resource: Resource;
    handle: number;
    /** Whether writes go to the end, wherever the position is. */
    appends: boolean;
}

/** Implementations of the calls of a resource. */
export type Methods<Calls, Resource> = {
    [Name in keyof Calls]: Calls[Name] extends (...args: infer Args) => infer Result
        ? (entry: Entry<Resource>, ...args: Args) => Result
        : never;
};

/** Parameters of a call. */
export type Args<Calls, Name extends keyof Calls> = Calls[Name] extends (...args: infer A) => unknown ? A : never;

/** Result of a call. */
export type Result<Calls, Name extends keyof Calls> = Calls[Name] extends (...args: never[]) => infer R ? R : never;

/** An error of the component, as it is sent to the caller's thread. */
export interface ErrorMessage {
    /** The component's code, or `failed` if the component itself failed. */
    code: string;
    message: string;
    /** Node's code, if it is more specific. */
    host?: string | undefined;
    bytesWritten?: number | undefined;
}

/** A message to the component's thread. */
export interface Request {
    id: number;
    handle: number;
    method: string;
    args: unknown[];
}

/** A message to the caller's thread. */
export interface Response {
    id: number;
    value?: unknown;
    error?: ErrorMessage;
}
