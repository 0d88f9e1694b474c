// `wasi:filesystem` over node:fs, for one instance of the component.
//
// Replaces the one of preview2-shim, which creates files that other users can read, ends the instance
// when the disk is full, refers to directories by path, and makes each call in a second thread.

import * as fs from 'node:fs';
import { join, sep } from 'node:path';

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY, R_OK, X_OK } = fs.constants;
// Flags that a platform lacks are left out.
const { O_DIRECTORY = 0, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;

/** Only the owner has access, as with `mkstemp` and `mkdtemp`. */
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

/** Linux resolves a path below one of these names in the open directory itself, as `openat` does. */
const OPEN_FILES = '/proc/self/fd';
const isLinux = process.platform === 'linux';
const hasOpenFiles = isLinux && fs.existsSync(OPEN_FILES);

/** Linux's flag to open a directory for lookups only, which needs no read permission. */
const O_PATH = 0o10000000;
const DIRECTORY_FLAGS = O_DIRECTORY | (isLinux ? O_PATH : O_RDONLY);

/** Permissions, as for `fs.access`, that every use of a directory needs. */
export const DIRECTORY_ACCESS = isLinux ? X_OK : R_OK | X_OK;

/** Most bytes that one call reads. */
const LONGEST_READ = 1024 * 1024;

/** WASI's code of each of Node's codes; any other is `io`. */
const CODES = {
    EACCES: 'access',
    EBADF: 'bad-descriptor',
    EBUSY: 'busy',
    EDQUOT: 'quota',
    EEXIST: 'exist',
    EFBIG: 'file-too-large',
    EILSEQ: 'illegal-byte-sequence',
    EINTR: 'interrupted',
    EINVAL: 'invalid',
    EISDIR: 'is-directory',
    ELOOP: 'loop',
    EMLINK: 'too-many-links',
    ENAMETOOLONG: 'name-too-long',
    ENOENT: 'no-entry',
    ENOMEM: 'insufficient-memory',
    ENOSPC: 'insufficient-space',
    ENOTDIR: 'not-directory',
    ENOTEMPTY: 'not-empty',
    ENOTSUP: 'unsupported',
    EOPNOTSUPP: 'unsupported',
    EPERM: 'not-permitted',
    EROFS: 'read-only',
    ETXTBSY: 'text-file-busy',
    EXDEV: 'cross-device',
    ERR_INVALID_ARG_VALUE: 'invalid',
    ERR_OUT_OF_RANGE: 'file-too-large',
};

/** Node's code of the last error that WASI has no code for. */
let unmapped;

/** Returns and clears the last unmapped code, such as EMFILE. */
export function takeUnmappedCode() {
    const code = unmapped;
    unmapped = undefined;
    return code;
}

/** Runs a call of node:fs and throws its error as a code of WASI. */
function hostCall(work) {
    try {
        return work();
    } catch (error) {
        if (typeof error === 'string') {
            throw error;
        }
        const code = CODES[error?.code];
        if (code === undefined && typeof error?.code === 'string') {
            unmapped = error.code;
        }
        throw code ?? 'io';
    }
}

/** Returns `offset` as a number, or refuses one that a number does not hold exactly. */
function exactOffset(offset) {
    if (offset > BigInt(Number.MAX_SAFE_INTEGER)) {
        throw 'file-too-large';
    }
    return Number(offset);
}

/** An open file or directory. */
class Descriptor {
    #fd;
    #path;

    constructor(fd, path) {
        this.#fd = fd;
        this.#path = path;
    }

    read(length, offset) {
        return hostCall(() => {
            const wanted = length < LONGEST_READ ? Number(length) : LONGEST_READ;
            const bytes = Buffer.allocUnsafe(wanted);
            const count = fs.readSync(this.#fd, bytes, 0, wanted, exactOffset(offset));
            return [bytes.subarray(0, count), count === 0];
        });
    }

    write(bytes, offset) {
        return hostCall(() => BigInt(fs.writeSync(this.#fd, bytes, 0, bytes.length, exactOffset(offset))));
    }

    setSize(size) {
        hostCall(() => fs.ftruncateSync(this.#fd, exactOffset(size)));
    }

    sync() {
        hostCall(() => fs.fsyncSync(this.#fd));
    }

    stat() {
        return hostCall(() => stat(fs.fstatSync(this.#fd, { bigint: true })));
    }

    statAt(flags, path) {
        return hostCall(() => {
            const look = flags.symlinkFollow ? fs.statSync : fs.lstatSync;
            return stat(look(this.#find(path, flags.symlinkFollow), { bigint: true }));
        });
    }

    openAt(pathFlags, path, openFlags, flags) {
        return hostCall(() => {
            const found = this.#find(path, pathFlags.symlinkFollow);
            const how = openFlags.directory ? DIRECTORY_FLAGS : fileFlags(openFlags, flags);
            const fd = fs.openSync(found, how | (pathFlags.symlinkFollow ? 0 : O_NOFOLLOW), FILE_MODE);
            return new Descriptor(fd, join(this.#path, path));
        });
    }

    createDirectoryAt(path) {
        hostCall(() => fs.mkdirSync(this.#find(path), DIRECTORY_MODE));
    }

    unlinkFileAt(path) {
        hostCall(() => fs.unlinkSync(this.#find(path)));
    }

    removeDirectoryAt(path) {
        hostCall(() => fs.rmdirSync(this.#find(path)));
    }

    renameAt(path, target, newPath) {
        hostCall(() => fs.renameSync(this.#find(path), target.#find(newPath)));
    }

    linkAt(flags, path, target, newPath) {
        hostCall(() => fs.linkSync(this.#find(path, flags.symlinkFollow), target.#find(newPath)));
    }

    readDirectory() {
        // Names as bytes: a name that is not valid UTF-8 must be noticed.
        return hostCall(() => new DirectoryEntryStream(fs.opendirSync(this.#find('.'), { encoding: 'buffer' })));
    }

    isSameObject(other) {
        return hostCall(() => {
            const one = fs.fstatSync(this.#fd, { bigint: true });
            const two = fs.fstatSync(other.#fd, { bigint: true });
            return one.dev === two.dev && one.ino === two.ino;
        });
    }

    [Symbol.dispose]() {
        if (this.#fd !== undefined) {
            const fd = this.#fd;
            this.#fd = undefined;
            try {
                fs.closeSync(fd);
            } catch {
                // The descriptor is closed even so, and a drop reports no error.
            }
        }
    }

    /** Returns the host path of `path`, which must not lead out of this directory. */
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

/** A directory that is being listed. */
class DirectoryEntryStream {
    #directory;

    constructor(directory) {
        this.#directory = directory;
    }

    readDirectoryEntry() {
        return hostCall(() => {
            const entry = this.#directory.readSync();
            if (entry === null) {
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
        new Descriptor(fs.openSync(hostPath, DIRECTORY_FLAGS), hostPath),
        path,
    ]);
    return {
        // The component calls this once, and owns the result.
        preopens: { getDirectories: () => opened.splice(0) },
        types: { Descriptor, DirectoryEntryStream },
    };
}

function fileFlags(openFlags, { read, write }) {
    // Opening a pipe must not block; for files the flag has no effect.
    let how = O_NONBLOCK | (write ? (read ? O_RDWR : O_WRONLY) : O_RDONLY);
    how |= openFlags.create ? O_CREAT : 0;
    how |= openFlags.exclusive ? O_EXCL : 0;
    how |= openFlags.truncate ? O_TRUNC : 0;
    return how;
}

function isForeign(name) {
    return process.platform === 'win32' && /[\\:]/.test(name);
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function isUnicode(bytes) {
    try {
        decoder.decode(bytes);
        return true;
    } catch {
        return false;
    }
}

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

/** Returns a time of WASI, which has none before 1970. */
function time(nanoseconds) {
    const second = 1_000_000_000n;
    return nanoseconds < 0n
        ? undefined
        : { seconds: nanoseconds / second, nanoseconds: Number(nanoseconds % second) };
}

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
