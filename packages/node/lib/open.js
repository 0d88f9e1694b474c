// Opens and creates files and directories of the host.

import * as fs from 'node:fs';

/** @typedef {import('./component/interfaces/wasi-filesystem-types.js').OpenFlags} OpenFlags */
/** @typedef {import('./component/interfaces/wasi-filesystem-types.js').DescriptorFlags} DescriptorFlags */

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY, R_OK, X_OK } = fs.constants;
// Flags that a platform lacks are left out.
const { O_DIRECTORY = 0, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;

/** Only the owner has access, as with `mkstemp` and `mkdtemp`. */
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

/** Linux resolves a path below one of these names in the open directory itself, as `openat` does. */
export const OPEN_FILES = '/proc/self/fd';
const isLinux = process.platform === 'linux';
export const hasOpenFiles = isLinux && fs.existsSync(OPEN_FILES);

/** Linux's flag to open a directory for lookups only, which needs no read permission. */
const O_PATH = 0o10000000;
const DIRECTORY_FLAGS = O_DIRECTORY | (isLinux ? O_PATH : O_RDONLY);

/** Permissions, as for `fs.access`, that every use of a directory needs. */
export const DIRECTORY_ACCESS = isLinux ? X_OK : R_OK | X_OK;

/**
 * @param {OpenFlags} openFlags
 * @param {DescriptorFlags} flags
 */
function fileFlags(openFlags, { read, write }) {
    // Opening a pipe must not block; for files the flag has no effect.
    let how = O_NONBLOCK | (write ? (read ? O_RDWR : O_WRONLY) : O_RDONLY);
    how |= openFlags.create ? O_CREAT : 0;
    how |= openFlags.exclusive ? O_EXCL : 0;
    how |= openFlags.truncate ? O_TRUNC : 0;
    return how;
}

/**
 * Opens a file. A new one has FILE_MODE, whatever the umask.
 *
 * @param {string} path
 * @param {boolean} follow whether to follow a link at the end of the path
 * @param {OpenFlags} openFlags
 * @param {DescriptorFlags} flags
 */
export function openFile(path, follow, openFlags, flags) {
    const how = fileFlags(openFlags, flags) | (follow ? 0 : O_NOFOLLOW);
    if ((how & O_CREAT) === 0) {
        return fs.openSync(path, how);
    }
    try {
        const fd = fs.openSync(path, how | O_EXCL, FILE_MODE);
        bestEffort(() => fs.fchmodSync(fd, FILE_MODE));
        return fd;
    } catch (error) {
        if (error.code === 'EEXIST' && (how & O_EXCL) === 0) {
            return fs.openSync(path, how, FILE_MODE);
        }
        throw error;
    }
}

/**
 * Opens a directory.
 *
 * @param {string} path
 * @param {boolean} follow whether to follow a link at the end of the path
 */
export function openDirectory(path, follow) {
    return fs.openSync(path, DIRECTORY_FLAGS | (follow ? 0 : O_NOFOLLOW));
}

/**
 * Creates a directory with DIRECTORY_MODE, whatever the umask.
 *
 * @param {string} path
 */
export function createDirectory(path) {
    fs.mkdirSync(path, DIRECTORY_MODE);
    bestEffort(() => {
        // Opened, as changing the mode by name would follow a link in its place.
        const fd = openDirectory(path, false);
        try {
            if (hasOpenFiles) {
                fs.chmodSync(`${OPEN_FILES}/${fd}`, DIRECTORY_MODE);
            } else {
                fs.fchmodSync(fd, DIRECTORY_MODE);
            }
        } finally {
            fs.closeSync(fd);
        }
    });
}

/**
 * Runs `work`, which some filesystems do not support.
 *
 * @param {() => void} work
 */
function bestEffort(work) {
    try {
        work();
    } catch {
        // The file or directory is usable without it.
    }
}
