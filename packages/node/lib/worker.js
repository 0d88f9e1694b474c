// The thread in which one instance of the component runs.
//
// The component is synchronous: each call blocks this thread until the host's filesystem has
// answered, so that the caller's thread never does. Calls run in the order in which they arrive.

import { readFileSync } from 'node:fs';
import { constants } from 'node:buffer';
import { parentPort, workerData } from 'node:worker_threads';
import { WASIShim } from '@bytecodealliance/preview2-shim/instantiation';
import { instantiate } from './component/scratch_tempfile.js';
import { filesystem, takeUnnamedError } from './filesystem.js';

/** How much goes into the component or comes out of it at a time: its memory never shrinks. */
const PIECE = 4 * 1024 * 1024;

/** Positions above are not exact in JavaScript: Node would read and write elsewhere. */
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

/** What callers hold, by number: a resource and what its methods do. */
const held = new Map();
let last = 0;

function hold(resource, methods, more) {
    last += 1;
    held.set(last, { resource, methods, ...more });
    return { handle: last, path: resource.path() };
}

function release(handle) {
    const { resource } = held.get(handle);
    held.delete(handle);
    resource[Symbol.dispose ?? Symbol.for('dispose')]();
}

/** An error as the component's own are. */
function refusal(code, message, more) {
    return Object.assign(new Error(message), { payload: { code, message }, ...more });
}

const isAppending = (access) => access === 'append' || access === 'append-only';

const factory = {
    create: (options) => hold(TemporaryFile.create(options), file, { appends: isAppending(options.access) }),
    createNamed: (options) =>
        hold(TemporaryFile.createNamed(options), file, { appends: isAppending(options.access) }),
    createSpooled: (maxSize, options) =>
        hold(TemporaryFile.createSpooled(maxSize, options), file, { appends: isAppending(options.access) }),
    createDirectory: (options) => hold(TemporaryDirectory.create(options), directory),
    closeAll,
    ready: () => undefined,
};

/** What both kinds of files do in the same way. */
const common = {
    flush: ({ resource }) => resource.flush(),
    rollover: ({ resource }) => resource.rollover(),
    isRolled: ({ resource }) => resource.isRolled(),
    // `stay` keeps a closed file that is removed only when it is dropped.
    close({ resource, handle }, stay) {
        resource.close();
        if (!stay) {
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
            checkPlace('write', entry.resource.tell(), data.length);
        }
        writeInPieces(data, (piece) => entry.resource.write(piece));
    },
    writeAt({ resource }, data, offset) {
        checkPlace('offset', offset, data.length);
        writeInPieces(data, (piece, written) => resource.writeAt(piece, offset + BigInt(written)));
    },
    writeLines(entry, lines) {
        for (const batch of batches(lines)) {
            const length = batch.reduce((sum, line) => sum + line.length, 0);
            if (!entry.appends) {
                checkPlace('write', entry.resource.tell(), length);
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
        // The component drops a file that it refuses to read as text.
        text.findEncoding(options.encoding ?? 'utf-8');
        if (resource.isClosed()) {
            throw refusal('closed', 'the file was closed');
        }
        held.delete(handle);
        return hold(TextFile.create(resource, options), textFile, { appends });
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
        held.delete(handle);
        return hold(TextFile.intoFile(resource), file, { appends });
    },
};

const directory = {
    open: ({ resource }, path, flags, access) =>
        hold(resource.open(path, flags, access), file, { appends: isAppending(access) }),
    createDirectory: ({ resource }, path) => resource.createDirectory(path),
    entries: ({ resource }, path) => resource.entries(path),
    remove: ({ resource }, path) => resource.remove(path),
    keep: ({ resource }) => resource.keep(),
    close: common.close,
    drop: common.drop,
};

/** Nothing is written where Node would store it at another place; the component hears of it late. */
function checkPlace(argument, position, length) {
    if (length > 0 && position > LAST_EXACT - BigInt(length)) {
        throw refusal('file-too-large', `${argument}: the end would lie above 2^53 - 1`);
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
            throw refusal('insufficient-memory', `read: more than ${constants.MAX_LENGTH} bytes do not fit into a Buffer`);
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
        throw refusal('insufficient-memory', `read: no memory for ${length} bytes`);
    }
}

/** Writes all of `data`; after an error in a later piece, those before it are written. */
function writeInPieces(data, write) {
    let written = 0;
    do {
        const piece = data.subarray(written, written + PIECE);
        try {
            write(piece, written);
        } catch (error) {
            if (written > 0 && refused(error) !== undefined) {
                error.bytesWritten = written;
            }
            throw error;
        }
        written += piece.length;
    } while (written < data.length);
}

/** Lines in batches whose bytes fit into a piece; a longer line is a batch of its own. */
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

/** Closes and drops what callers still hold, the latest first: files before their directory. */
function closeAll() {
    for (const handle of [...held.keys()].reverse()) {
        try {
            held.get(handle).resource.close();
        } catch {
            // Dropping it tries once more.
        }
        try {
            release(handle);
        } catch {
            // One that fails must not keep the others.
        }
    }
}

function call({ handle, method, args }) {
    if (handle === 0) {
        return factory[method](...args);
    }
    const entry = held.get(handle);
    if (entry === undefined) {
        if (method === 'close' || method === 'drop') {
            return undefined;
        }
        throw refusal('closed', `${method}: the file or directory was closed`);
    }
    return entry.methods[method]({ ...entry, handle }, ...args);
}

/** A refusal of the component's, with what the host said if that tells more; or its end. */
function fault(error) {
    const { code, message } = refused(error) ?? {};
    if (code === undefined) {
        return { code: 'failed', message: `the component failed: ${error?.message ?? error}` };
    }
    const host = takeUnnamedError();
    return {
        code,
        message: host !== undefined && code === 'io' ? `${message} (${host})` : message,
        host: code === 'io' ? host : undefined,
        bytesWritten: error.bytesWritten,
    };
}

/** What the component said, which is thrown as it is or as the payload of an error. */
function refused(error) {
    const said = error instanceof Error ? error.payload : error;
    return typeof said?.code === 'string' ? said : undefined;
}

/** Buffers that belong to nobody else may move to the caller's thread. */
function movable(value) {
    return value instanceof Uint8Array && value.length > 0 && value.length === value.buffer.byteLength
        ? [value.buffer]
        : [];
}

parentPort.on('message', (message) => {
    if (message.exiting !== undefined) {
        // The caller's thread sleeps in its last handler until this is done.
        closeAll();
        Atomics.store(message.exiting, 0, 1);
        Atomics.notify(message.exiting, 0);
        return;
    }
    takeUnnamedError();
    try {
        const value = call(message);
        parentPort.postMessage({ id: message.id, value }, movable(value));
    } catch (error) {
        parentPort.postMessage({ id: message.id, fault: fault(error) });
    }
});
