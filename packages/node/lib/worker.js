// The worker thread that runs one instance of the component.
//
// The component is synchronous: a call blocks this thread, not the caller's, until the filesystem
// call returns. Calls run in the order in which they arrive.

import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { WASIShim } from '@bytecodealliance/preview2-shim/instantiation';
import { instantiate } from './component/scratch_tempfile.js';
import { Exit } from './exit.js';
import { filesystem } from './filesystem.js';
import { onCall, takeUnmappedCode } from './host-calls.js';
import { PIECE, batches, checkEnd, readAtInPieces, readInPieces, writeInPieces } from './pieces.js';
import { refusal, refusalOf } from './refusals.js';

/** @typedef {import('./component/interfaces/scratch-tempfile-tempfile.js').TemporaryFile} File */
/** @typedef {import('./component/interfaces/scratch-tempfile-tempfile.js').TemporaryDirectory} Directory */
/** @typedef {import('./component/interfaces/scratch-tempfile-text.js').TextFile} Text */
/** @typedef {import('./component/interfaces/scratch-tempfile-tempfile.js').Access} Access */

const { directories, environment } = workerData;
const exit = new Exit(workerData.exit);
onCall(() => exit.advance());
const shim = new WASIShim({
    filesystem: /** @type {any} */ (filesystem(directories)),
    sandbox: { env: environment, args: [], enableNetwork: false },
});
const { tempfile, text } = instantiate(
    (name) => new WebAssembly.Module(readFileSync(new URL(`./component/${name}`, import.meta.url))),
    /** @type {any} */ (shim.getImportObject()),
);
const { TemporaryFile, TemporaryDirectory } = tempfile;
const { TextFile } = text;

/**
 * The callers' resources and their methods, by handle.
 *
 * @type {Map<number, import('./calls.js').Entry<any> & { methods: Record<string, Function> }>}
 */
const entries = new Map();
let lastHandle = 0;

/**
 * @param {File | Directory | Text} resource
 * @param {Record<string, Function>} methods
 * @param {boolean} [appends]
 */
function register(resource, methods, appends = false) {
    lastHandle += 1;
    entries.set(lastHandle, { resource, methods, appends, handle: lastHandle });
    return { handle: lastHandle, path: resource.path() };
}

/** @param {number} handle */
function release(handle) {
    const resource = entries.get(handle)?.resource;
    entries.delete(handle);
    resource[Symbol.dispose]();
}

const isAppending = (/** @type {Access | undefined} */ access) => access === 'append' || access === 'append-only';

/** @type {import('./calls.js').ComponentCalls} */
const component = {
    create: (options) => register(TemporaryFile.create(options), file, isAppending(options.access)),
    createNamed: (options) => register(TemporaryFile.createNamed(options), file, isAppending(options.access)),
    createSpooled: (maxSize, options) =>
        register(TemporaryFile.createSpooled(maxSize, options), file, isAppending(options.access)),
    createDirectory: (options) => register(TemporaryDirectory.create(options), directory),
    closeAll,
    ready: () => undefined,
};

/**
 * The calls of every resource.
 *
 * @type {import('./calls.js').Methods<import('./calls.js').HandleCalls, File | Directory | Text>}
 */
const handleMethods = {
    // A closed file whose name is removed on drop is not released yet.
    close({ resource, handle }, removedOnDrop) {
        resource.close();
        if (!removedOnDrop) {
            release(handle);
        }
    },
    drop: ({ handle }) => release(handle),
};

/** @type {import('./calls.js').Methods<import('./calls.js').FileCalls, File>} */
const file = {
    ...handleMethods,
    flush: ({ resource }) => resource.flush(),
    rollover: ({ resource }) => resource.rollover(),
    isRolled: ({ resource }) => resource.isRolled(),
    tell: ({ resource }) => resource.tell(),
    seek: ({ resource }, offset, whence) => resource.seek(offset, whence),
    size: ({ resource }) => resource.size(),
    sync: ({ resource }) => resource.sync(),
    read: ({ resource }, max) => readInPieces(resource, max),
    readAt: ({ resource }, max, offset) => readAtInPieces(resource, max, offset),
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
        return register(TextFile.create(resource, options), textFile, appends);
    },
};

/** @type {import('./calls.js').Methods<import('./calls.js').TextCalls, Text>} */
const textFile = {
    ...handleMethods,
    flush: ({ resource }) => resource.flush(),
    rollover: ({ resource }) => resource.rollover(),
    isRolled: ({ resource }) => resource.isRolled(),
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
            resource.readLine(undefined);
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
        return register(TextFile.intoFile(resource), file, appends);
    },
};

/** @type {import('./calls.js').Methods<import('./calls.js').DirectoryCalls, Directory>} */
const directory = {
    ...handleMethods,
    open: ({ resource }, path, flags, access) =>
        register(resource.open(path, flags, access), file, isAppending(access)),
    createDirectory: ({ resource }, path) => resource.createDirectory(path),
    entries: ({ resource }, path) => resource.entries(path),
    remove: ({ resource }, path) => resource.remove(path),
    keep: ({ resource }) => resource.keep(),
};

/** Closes and drops all resources, the latest first: files before their directory. */
function closeAll() {
    for (const handle of [...entries.keys()].reverse()) {
        try {
            entries.get(handle)?.resource.close();
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

/** @param {{ handle: number, method: string, args: unknown[] }} request */
function call({ handle, method, args }) {
    if (handle === 0) {
        return /** @type {Record<string, any>} */ (component)[method](...args);
    }
    const entry = entries.get(handle);
    if (entry === undefined) {
        if (method === 'close' || method === 'drop') {
            return undefined;
        }
        throw refusal('closed', `${method}: the file or directory was closed`);
    }
    return entry.methods[method](entry, ...args);
}

/**
 * Returns the message of an error of the component, or of its failure.
 *
 * @param {any} error
 * @returns {import('./calls.js').ErrorMessage}
 */
function errorMessage(error) {
    const refused = refusalOf(error);
    if (refused === undefined) {
        return { code: 'failed', message: `the component failed: ${error?.message ?? error}` };
    }
    const { code } = refused;
    // The caller passed the default directory as an option.
    const message = refused.message.replace(/^environment variable SCRATCH_DIRECTORY: /, '');
    const host = takeUnmappedCode();
    return {
        code,
        message: host !== undefined && code === 'io' ? `${message} (${host})` : message,
        host: code === 'io' ? host : undefined,
        bytesWritten: error.bytesWritten,
    };
}

/**
 * Returns the buffer to move to the caller's thread, if `value` is all of it.
 *
 * @param {unknown} value
 */
function transferable(value) {
    const isWhole = value instanceof Uint8Array && value.length > 0 && value.length === value.buffer.byteLength;
    return isWhole ? [/** @type {ArrayBuffer} */ (value.buffer)] : [];
}

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);

port.on('message', (/** @type {import('./calls.js').Request} */ message) => {
    if (exit.hasBegun) {
        closeAll();
        exit.finish();
        return;
    }
    takeUnmappedCode();
    try {
        const value = call(message);
        port.postMessage({ id: message.id, value }, transferable(value));
    } catch (error) {
        port.postMessage({ id: message.id, error: errorMessage(error) });
    }
});
exit.start();
