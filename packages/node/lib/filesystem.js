// `wasi:filesystem` over node:fs, for one instance of the component.
//
// Replaces the one of preview2-shim, which creates files that other users can read, ends the instance
// when the disk is full, refers to directories by path, and makes each call in a second thread.

import * as fs from 'node:fs';
import { join, sep } from 'node:path';
import { hostCall } from './host-calls.js';
import { OPEN_FILES, createDirectory, hasOpenFiles, openDirectory, openFile } from './open.js';

/** @typedef {import('./component/interfaces/wasi-filesystem-types.js').Descriptor} Api */
/** @typedef {import('./component/interfaces/wasi-filesystem-types.js').DirectoryEntryStream} StreamApi */

/** The file descriptor of a dropped Descriptor. */
const CLOSED = -1;

/** Most bytes that one call reads. */
const LONGEST_READ = 1024 * 1024;

/**
 * Returns `offset` as a number, or refuses one that a number does not hold exactly.
 *
 * @param {bigint} offset
 */
function exactOffset(offset) {
    if (offset > BigInt(Number.MAX_SAFE_INTEGER)) {
        throw 'file-too-large';
    }
    return Number(offset);
}

/**
 * An open file or directory.
 *
 * @implements {Api}
 */
class Descriptor {
    #fd;
    #path;

    /**
     * @param {number} fd
     * @param {string} path path when it was opened
     */
    constructor(fd, path) {
        this.#fd = fd;
        this.#path = path;
    }

    /** @type {Api['read']} */
    read(length, offset) {
        return hostCall(() => {
            const wanted = length < LONGEST_READ ? Number(length) : LONGEST_READ;
            const bytes = Buffer.allocUnsafe(wanted);
            const count = fs.readSync(this.#fd, bytes, 0, wanted, exactOffset(offset));
            return [bytes.subarray(0, count), count === 0];
        });
    }

    /** @type {Api['write']} */
    write(bytes, offset) {
        return hostCall(() => BigInt(fs.writeSync(this.#fd, bytes, 0, bytes.length, exactOffset(offset))));
    }

    /** @type {Api['setSize']} */
    setSize(size) {
        hostCall(() => fs.ftruncateSync(this.#fd, exactOffset(size)));
    }

    sync() {
        hostCall(() => fs.fsyncSync(this.#fd));
    }

    stat() {
        return hostCall(() => stat(fs.fstatSync(this.#fd, { bigint: true })));
    }

    /** @type {Api['statAt']} */
    statAt(flags, path) {
        return hostCall(() => {
            const look = flags.symlinkFollow ? fs.statSync : fs.lstatSync;
            return stat(look(this.#find(path, flags.symlinkFollow), { bigint: true }));
        });
    }

    /** @type {Api['openAt']} */
    openAt(pathFlags, path, openFlags, flags) {
        return hostCall(() => {
            const found = this.#find(path, pathFlags.symlinkFollow);
            const follow = pathFlags.symlinkFollow === true;
            const fd = openFlags.directory
                ? openDirectory(found, follow)
                : openFile(found, follow, openFlags, flags);
            return new Descriptor(fd, join(this.#path, path));
        });
    }

    /** @type {Api['createDirectoryAt']} */
    createDirectoryAt(path) {
        hostCall(() => createDirectory(this.#find(path)));
    }

    /** @type {Api['unlinkFileAt']} */
    unlinkFileAt(path) {
        hostCall(() => fs.unlinkSync(this.#find(path)));
    }

    /** @type {Api['removeDirectoryAt']} */
    removeDirectoryAt(path) {
        hostCall(() => fs.rmdirSync(this.#find(path)));
    }

    /**
     * @param {string} path
     * @param {Descriptor} target
     * @param {string} newPath
     */
    renameAt(path, target, newPath) {
        hostCall(() => fs.renameSync(this.#find(path), target.#find(newPath)));
    }

    /**
     * @param {{ symlinkFollow?: boolean }} flags
     * @param {string} path
     * @param {Descriptor} target
     * @param {string} newPath
     */
    linkAt(flags, path, target, newPath) {
        hostCall(() => fs.linkSync(this.#find(path, flags.symlinkFollow), target.#find(newPath)));
    }

    readDirectory() {
        // Names as bytes: a name that is not valid UTF-8 must be noticed.
        const options = { encoding: /** @type {any} */ ('buffer') };
        return hostCall(() => new DirectoryEntryStream(fs.opendirSync(this.#find('.'), options)));
    }

    /** @param {Descriptor} other */
    isSameObject(other) {
        return hostCall(() => {
            const one = fs.fstatSync(this.#fd, { bigint: true });
            const two = fs.fstatSync(other.#fd, { bigint: true });
            return one.dev === two.dev && one.ino === two.ino;
        });
    }

    [Symbol.dispose]() {
        if (this.#fd !== CLOSED) {
            const fd = this.#fd;
            this.#fd = CLOSED;
            try {
                fs.closeSync(fd);
            } catch {
                // The descriptor is closed even so, and a drop reports no error.
            }
        }
    }

    /**
     * Returns the host path of `path`, which must not lead out of this directory.
     *
     * @param {string} path
     * @param {boolean} [follow] whether to follow a link at its end
     */
    #find(path, follow = false) {
        const names = path.split('/').filter((name) => name !== '' && name !== '.');
        if (path.startsWith('/') || names.some((name) => name === '..' || isForeign(name))) {
            throw 'not-permitted';
        }
        const here = hasOpenFiles ? `${OPEN_FILES}/${this.#fd}` : this.#path;
        if (names.length === 0) {
            return `${here}/.`;
        }
        if (names.length === 1 && !follow) {
            return `${here}/${names[0]}`;
        }
        // Links on the way may point to anything below this directory.
        const last = follow ? [] : [names.pop()];
        const base = fs.realpathSync.native(here);
        const real = fs.realpathSync.native([here, ...names].join('/'));
        if (real !== base && !real.startsWith(base.endsWith(sep) ? base : base + sep)) {
            throw 'not-permitted';
        }
        return [real, ...last].join('/');
    }
}

/**
 * The entries of a directory.
 *
 * @implements {StreamApi}
 */
class DirectoryEntryStream {
    /** @type {fs.Dir | undefined} */
    #directory;

    /** @param {fs.Dir} directory */
    constructor(directory) {
        this.#directory = directory;
    }

    /** @type {StreamApi['readDirectoryEntry']} */
    readDirectoryEntry() {
        return hostCall(() => {
            const entry = this.#directory?.readSync();
            if (!entry) {
                return undefined;
            }
            const name = Buffer.from(entry.name);
            if (!isUnicode(name)) {
                throw 'illegal-byte-sequence';
            }
            return { name: name.toString(), type: type(entry) };
        });
    }

    [Symbol.dispose]() {
        try {
            this.#directory?.closeSync();
        } catch {
            // A drop reports no error.
        }
        this.#directory = undefined;
    }
}

/**
 * Returns the two interfaces of `wasi:filesystem` over these directories alone.
 *
 * @param {Map<string, string>} directories host paths by guest path
 */
export function filesystem(directories) {
    // Opened now: later changes of their paths don't matter.
    const opened = [...directories].map(([path, hostPath]) => [
        new Descriptor(openDirectory(hostPath, true), hostPath),
        path,
    ]);
    return {
        // The component calls this once, and owns the result.
        preopens: { getDirectories: () => opened.splice(0) },
        types: { Descriptor, DirectoryEntryStream },
    };
}

/** @param {string} name */
function isForeign(name) {
    return process.platform === 'win32' && /[\\:]/.test(name);
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** @param {Uint8Array} bytes */
function isUnicode(bytes) {
    try {
        decoder.decode(bytes);
        return true;
    } catch {
        return false;
    }
}

/** @param {fs.BigIntStats} stats */
function stat(stats) {
    return {
        type: type(stats),
        linkCount: stats.nlink,
        size: stats.size,
        dataAccessTimestamp: time(stats.atimeNs),
        dataModificationTimestamp: time(stats.mtimeNs),
        statusChangeTimestamp: time(stats.ctimeNs),
    };
}

/**
 * Returns a time of WASI, which has none before 1970.
 *
 * @param {bigint} nanoseconds
 */
function time(nanoseconds) {
    const second = 1_000_000_000n;
    return nanoseconds < 0n
        ? undefined
        : { seconds: nanoseconds / second, nanoseconds: Number(nanoseconds % second) };
}

/**
 * @param {fs.BigIntStats | fs.Dirent} entry
 * @returns {import('./component/interfaces/wasi-filesystem-types.js').DescriptorType}
 */
function type(entry) {
    if (entry.isFile()) return 'regular-file';
    if (entry.isDirectory()) return 'directory';
    if (entry.isSymbolicLink()) return 'symbolic-link';
    if (entry.isFIFO()) return 'fifo';
    if (entry.isSocket()) return 'socket';
    if (entry.isCharacterDevice()) return 'character-device';
    if (entry.isBlockDevice()) return 'block-device';
    return 'unknown';
}
