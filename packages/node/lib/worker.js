// The worker thread that runs one instance of the component.
//
// The component is synchronous: a call blocks this thread, not the caller's, until the filesystem
// call returns. Calls run in the order in which they arrive.

import { readFileSync } from 'node:fs';
import { constants } from 'node:buffer';
import { parentPort, workerData } from 'node:worker_threads';
import { WASIShim } from '@bytecodealliance/preview2-shim/instantiation';
import { instantiate } from './component/scratch_tempfile.js';
import { filesystem, takeUnmappedCode } from './filesystem.js';

/** Most bytes that one call moves into or out of the component, whose memory never shrinks. */
const PIECE = 4 * 1024 * 1024;

/** The largest position that a number holds exactly: above it, Node would use another position. */
const LAST_EXACT = BigInt(Number.MAX_SAFE_INTEGER);

const { directories, environment } = workerData;
const shim = new WASIShim({
    filesystem: filesystem(directories),
    sandbox: { env: environment, args: [], enableNetwork: false },
});
const { tempfile, text } = instantiate(
    (name) => new WebAssembly.Module(readFileSync(new URL(`./component/${name}`, import.meta.url))),
    shim.getImportObject(),
);
const { TemporaryFile, TemporaryDirectory } = tempfile;
const { TextFile } = text;

/** The callers' resources and their methods, by handle. */
const entries = new Map();
let lastHandle = 0;

function register(resource, methods, more) {
    lastHandle += 1;
    entries.set(lastHandle, { resource, methods, ...more });
    return { handle: lastHandle, path: resource.path() };
}

function release(handle) {
    const { resource } = entries.get(handle);
    entries.delete(handle);
    resource[Symbol.dispose ?? Symbol.for('dispose')]();
}

/** Returns an error in the form of the component's errors. */
function refusal(code, message, more) {
    return Object.assign(new Error(message), { payload: { code, message }, ...more });
}

const isAppending = (access) => access === 'append' || access === 'append-only';

const factory = {
    create: (options) => register(TemporaryFile.create(options), file, { appends: isAppending(options.access) }),
    createNamed: (options) =>
        register(TemporaryFile.createNamed(options), file, { appends: isAppending(options.access) }),
    createSpooled: (maxSize, options) =>
        register(TemporaryFile.createSpooled(maxSize, options), file, { appends: isAppending(options.access) }),
    createDirectory: (options) => register(TemporaryDirectory.create(options), directory),
    closeAll,
    ready: () => undefined,
};

/** The methods that files and texts share. */
const common = {
    flush: ({ resource }) => resource.flush(),
    rollover: ({ resource }) => resource.rollover(),
    isRolled: ({ resource }) => resource.isRolled(),
    // A closed file whose name is removed on drop is not released yet.
    close({ resource, handle }, removedOnDrop) {
        resource.close();
        if (!removedOnDrop) {
            release(handle);
        }
    },
    drop: ({ handle }) => release(handle),
};

const file = {
    ...common,
    tell: ({ resource }) => resource.tell(),
    seek: ({ resource }, offset, whence) => resource.seek(offset, whence),
    size: ({ resource }) => resource.size(),
    sync: ({ resource }) => resource.sync(),
    read: ({ resource }, max) => readInPieces(resource, max),
    readAt: ({ resource }, max, offset) =>
        inPieces(max, (wanted, read) => resource.readAt(wanted, offset + read)),
    readLine: ({ resource }, limit) => resource.readLine(limit),
    readLines: ({ resource }, hint) => resource.readLines(hint),
    lines({ resource }, hint) {
        const start = resource.tell();
        return { start, lines: resource.readLines(hint) };
    },
    rewind({ resource }, start, lines) {
        resource.seek(start + lines.reduce((sum, line) => sum + BigInt(line.length), 0n), 'start');
    },
    write(entry, data) {
        if (!entry.appends) {
            checkEnd('write', entry.resource.tell(), data.length);
        }
        writeInPieces(data, (piece) => entry.resource.write(piece));
    },
    writeAt({ resource }, data, offset) {
        checkEnd('offset', offset, data.length);
        writeInPieces(data, (piece, written) => resource.writeAt(piece, offset + BigInt(written)));
    },
    writeLines(entry, lines) {
        for (const batch of batches(lines)) {
            const length = batch.reduce((sum, line) => sum + line.length, 0);
            if (!entry.appends) {
                checkEnd('write', entry.resource.tell(), length);
            }
            if (length > PIECE) {
                writeInPieces(batch[0], (piece) => entry.resource.write(piece));
            } else {
                entry.resource.writeLines(batch);
            }
        }
    },
    truncate: ({ resource }, size) => resource.truncate(size),
    persist({ resource }, path, replace) {
        resource.persist(path, replace);
        return resource.path();
    },
    keep: ({ resource }) => resource.keep(),
    text({ resource, handle, appends }, options) {
        // Checked first: the component drops a file that it refuses to open as text.
        text.findEncoding(options.encoding ?? 'utf-8');
        if (resource.isClosed()) {
            throw refusal('closed', 'the file was closed');
        }
        entries.delete(handle);
        return register(TextFile.create(resource, options), textFile, { appends });
    },
};

const textFile = {
    ...common,
    tell: ({ resource }) => resource.tell(),
    seek: ({ resource }, target) => resource.seek(target),
    read: ({ resource }, max) => resource.read(max),
    readLine: ({ resource }, limit) => resource.readLine(limit),
    readLines: ({ resource }, hint) => resource.readLines(hint),
    lines({ resource }, hint) {
        const start = resource.tell();
        return { start, lines: resource.readLines(hint) };
    },
    rewind({ resource }, start, lines) {
        resource.seek({ tag: 'position', val: start });
        for (const _ of lines) {
            resource.readLine();
        }
    },
    write: ({ resource }, data) => resource.write(data),
    writeLines: ({ resource }, lines) => resource.writeLines(lines),
    truncate: ({ resource }, size) => resource.truncate(size),
    intoFile({ resource, handle, appends }) {
        if (resource.isClosed()) {
            throw refusal('closed', 'the file was closed');
        }
        entries.delete(handle);
        return register(TextFile.intoFile(resource), file, { appends });
    },
};

const directory = {
    open: ({ resource }, path, flags, access) =>
        register(resource.open(path, flags, access), file, { appends: isAppending(access) }),
    createDirectory: ({ resource }, path) => resource.createDirectory(path),
    entries: ({ resource }, path) => resource.entries(path),
    remove: ({ resource }, path) => resource.remove(path),
    keep: ({ resource }) => resource.keep(),
    close: common.close,
    drop: common.drop,
};

/** Refuses a write beyond the exact positions: a buffered one would fail only when it is flushed. */
function checkEnd(argument, position, length) {
    if (length > 0 && position > LAST_EXACT - BigInt(length)) {
        throw refusal('file-too-large', `${argument}: the end would be above 2^53 - 1`);
    }
}

function readInPieces(resource, max) {
    if (max <= BigInt(PIECE)) {
        return resource.read(max);
    }
    const start = resource.tell();
    try {
        return inPieces(max, (wanted) => resource.read(wanted));
    } catch (error) {
        resource.seek(start, 'start');
        throw error;
    }
}

/** Reads up to `max` bytes, fewer only at the end. */
function inPieces(max, read) {
    const pieces = [];
    let length = 0;
    while (BigInt(length) < max) {
        const left = max - BigInt(length);
        const wanted = left < BigInt(PIECE) ? left : BigInt(PIECE);
        const piece = read(wanted, BigInt(length));
        length += piece.length;
        if (length > constants.MAX_LENGTH) {
            throw refusal('insufficient-memory', `read: a Buffer cannot hold more than ${constants.MAX_LENGTH} bytes`);
        }
        pieces.push(piece);
        if (BigInt(piece.length) < wanted) {
            break;
        }
    }
    return pieces.length === 1 ? pieces[0] : concatenated(pieces, length);
}

function concatenated(pieces, length) {
    try {
        const all = new Uint8Array(length);
        let end = 0;
        for (const piece of pieces) {
            all.set(piece, end);
            end += piece.length;
        }
        return all;
    } catch {
        throw refusal('insufficient-memory', `read: cannot allocate ${length} bytes`);
    }
}

/** Writes all of `data`. After an error, the pieces before the failed one are written. */
function writeInPieces(data, write) {
    let written = 0;
    do {
        const piece = data.subarray(written, written + PIECE);
        try {
            write(piece, written);
        } catch (error) {
            if (written > 0 && refusalOf(error) !== undefined) {
                error.bytesWritten = written;
            }
            throw error;
        }
        written += piece.length;
    } while (written < data.length);
}

/** Yields batches of lines of at most `PIECE` bytes; a longer line is a separate batch. */
function* batches(lines) {
    let batch = [];
    let length = 0;
    for (const line of lines) {
        if (batch.length > 0 && length + line.length > PIECE) {
            yield batch;
            [batch, length] = [[], 0];
        }
        batch.push(line);
        length += line.length;
    }
    if (batch.length > 0) {
        yield batch;
    }
}

/** Closes and drops all resources, the latest first: files before their directory. */
function closeAll() {
    for (const handle of [...entries.keys()].reverse()) {
        try {
            entries.get(handle).resource.close();
        } catch {
            // Its drop tries again.
        }
        try {
            release(handle);
        } catch {
            // The others are still released.
        }
    }
}

function call({ handle, method, args }) {
    if (handle === 0) {
        return factory[method](...args);
    }
    const entry = entries.get(handle);
    if (entry === undefined) {
        if (method === 'close' || method === 'drop') {
            return undefined;
        }
        throw refusal('closed', `${method}: the file or directory was closed`);
    }
    return entry.methods[method]({ ...entry, handle }, ...args);
}

/** Returns the message of an error of the component, or of its failure. */
function errorMessage(error) {
    const { code, message } = refusalOf(error) ?? {};
    if (code === undefined) {
        return { code: 'failed', message: `the component failed: ${error?.message ?? error}` };
    }
    const host = takeUnmappedCode();
    return {
        code,
        message: host !== undefined && code === 'io' ? `${message} (${host})` : message,
        host: code === 'io' ? host : undefined,
        bytesWritten: error.bytesWritten,
    };
}

/** Returns the component's error, thrown by itself or as the payload of an Error, if it is one. */
function refusalOf(error) {
    const value = error instanceof Error ? error.payload : error;
    return typeof value?.code === 'string' ? value : undefined;
}

/** Returns the buffer to move to the caller's thread, if `value` is all of it. */
function transferable(value) {
    return value instanceof Uint8Array && value.length > 0 && value.length === value.buffer.byteLength
        ? [value.buffer]
        : [];
}

parentPort.on('message', (message) => {
    if (message.exiting !== undefined) {
        // The caller's thread waits in its `exit` handler.
        closeAll();
        Atomics.store(message.exiting, 0, 1);
        Atomics.notify(message.exiting, 0);
        return;
    }
    takeUnmappedCode();
    try {
        const value = call(message);
        parentPort.postMessage({ id: message.id, value }, transferable(value));
    } catch (error) {
        parentPort.postMessage({ id: message.id, error: errorMessage(error) });
    }
});
