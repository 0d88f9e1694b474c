// `wasi:filesystem` over node:fs, for one instance of the component.
//
// It takes the place of the one in preview2-shim, which makes files that everybody can read, throws
// through the component when the disk is full, which ends it, keeps directories as paths, and asks a
// second thread for each call.

import * as fs from 'node:fs';
import { join, sep } from 'node:path';

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = fs.constants;
// What a host does not have it does without.
const { O_DIRECTORY = 0, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;

/** Only the owner has access, as with `mkstemp` and `mkdtemp`. */
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

/** Through these names Linux looks an entry up in the very directory that is open (openat). */
const OPEN_FILES = '/proc/self/fd';
const hasOpenFiles = process.platform === 'linux' && fs.existsSync(OPEN_FILES);

/** How many bytes one call reads at most. */
const LONGEST_READ = 1024 * 1024;

/** Node's codes and WASI's words; anything else is `io`. */
const WORDS = {
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

/** What the host said last of what WASI has no word for. */
let unnamed;

/** Tells the code of the last such error since it was last asked: EMFILE, for example. */
export function takeUnnamedError() {
    const code = unnamed;
    unnamed = undefined;
    return code;
}

/** Does what the component asked; a failure becomes a word of WASI's, whatever it is. */
function host(work) {
    try {
        return work();
    } catch (error) {
        if (typeof error === 'string') {
            throw error;
        }
        const word = WORDS[error?.code];
        if (word === undefined && typeof error?.code === 'string') {
            unnamed = error.code;
        }
        throw word ?? 'io';
    }
}

/** A place in a file that a number can hold; beyond that Node would take another place. */
function place(offset) {
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
        return host(() => {
            const wanted = length < LONGEST_READ ? Number(length) : LONGEST_READ;
            const bytes = Buffer.allocUnsafe(wanted);
            const count = fs.readSync(this.#fd, bytes, 0, wanted, place(offset));
            return [bytes.subarray(0, count), count === 0];
        });
    }

    write(bytes, offset) {
        return host(() => BigInt(fs.writeSync(this.#fd, bytes, 0, bytes.length, place(offset))));
    }

    setSize(size) {
        host(() => fs.ftruncateSync(this.#fd, place(size)));
    }

    sync() {
        host(() => fs.fsyncSync(this.#fd));
    }

    stat() {
        return host(() => stat(fs.fstatSync(this.#fd, { bigint: true })));
    }

    statAt(flags, path) {
        return host(() => {
            const look = flags.symlinkFollow ? fs.statSync : fs.lstatSync;
            return stat(look(this.#find(path, flags.symlinkFollow), { bigint: true }));
        });
    }

    openAt(pathFlags, path, openFlags, flags) {
        return host(() => {
            const found = this.#find(path, pathFlags.symlinkFollow);
            // Not blocking matters for a pipe that somebody put there; a file has none.
            let how = O_NONBLOCK | (flags.write ? (flags.read ? O_RDWR : O_WRONLY) : O_RDONLY);
            how |= pathFlags.symlinkFollow ? 0 : O_NOFOLLOW;
            how |= openFlags.create ? O_CREAT : 0;
            how |= openFlags.exclusive ? O_EXCL : 0;
            how |= openFlags.truncate ? O_TRUNC : 0;
            how |= openFlags.directory ? O_DIRECTORY : 0;
            const fd = fs.openSync(found, how, FILE_MODE);
            return new Descriptor(fd, join(this.#path, path));
        });
    }

    createDirectoryAt(path) {
        host(() => fs.mkdirSync(this.#find(path), DIRECTORY_MODE));
    }

    unlinkFileAt(path) {
        host(() => fs.unlinkSync(this.#find(path)));
    }

    removeDirectoryAt(path) {
        host(() => fs.rmdirSync(this.#find(path)));
    }

    renameAt(path, target, newPath) {
        host(() => fs.renameSync(this.#find(path), target.#find(newPath)));
    }

    linkAt(flags, path, target, newPath) {
        host(() => fs.linkSync(this.#find(path, flags.symlinkFollow), target.#find(newPath)));
    }

    readDirectory() {
        // Names as bytes, so that one which is not Unicode is noticed.
        return host(() => new DirectoryEntryStream(fs.opendirSync(this.#find('.'), { encoding: 'buffer' })));
    }

    isSameObject(other) {
        return host(() => {
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
                // The descriptor is gone, and a drop has nobody to tell.
            }
        }
    }

    /** Where the host finds `path`, which may not lead out of this directory. */
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
        // Links on the way may lead anywhere below this directory.
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
        return host(() => {
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
            // As above.
        }
        this.#directory = undefined;
    }
}

/**
 * The two interfaces of `wasi:filesystem`, on these directories and nothing else.
 *
 * @param {Map<string, string>} directories paths of the component and of the host
 */
export function filesystem(directories) {
    // Opened at once, so that what becomes of the paths later does not matter.
    const opened = [...directories].map(([path, hostPath]) => [
        new Descriptor(fs.openSync(hostPath, O_RDONLY | O_DIRECTORY), hostPath),
        path,
    ]);
    return {
        // The component asks once, and owns what it is given.
        preopens: { getDirectories: () => opened.splice(0) },
        types: { Descriptor, DirectoryEntryStream },
    };
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

/** A time before 1970 can't be told. */
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
