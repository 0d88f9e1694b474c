// Temporary directories.

import * as check from './arguments.js';
import { TemporaryFile } from './file.js';
import { Handle } from './handle.js';

/** @typedef {import('./index.js').TemporaryDirectory} Api */

/**
 * A temporary directory; index.d.ts documents its methods.
 *
 * @extends {Handle<import('./calls.js').DirectoryCalls>}
 * @implements {Api}
 */
export class TemporaryDirectory extends Handle {
    /** @override */
    get path() {
        return /** @type {string} */ (super.path);
    }

    /** @type {Api['open']} */
    async open(path, flags = 'r') {
        const { flags: open, access } = check.openMode(flags);
        const created = await this._call('open', [check.innerPath(path, 'path'), open, access]);
        // Closing the file leaves it in the directory.
        return this._make((...made) => new TemporaryFile(...made), created, { removal: 'never' });
    }

    /** @type {Api['createDirectory']} */
    async createDirectory(path) {
        await this._call('createDirectory', [check.innerPath(path, 'path')]);
    }

    /** @type {Api['entries']} */
    async entries(path = '.') {
        const entries = await this._call('entries', [check.innerPath(path, 'path')]);
        return entries.map((entry) => ({ ...entry, size: check.exactNumber(entry.size) }));
    }

    /** @type {Api['remove']} */
    async remove(path) {
        await this._call('remove', [check.innerPath(path, 'path')]);
    }

    /** @type {Api['keep']} */
    async keep() {
        await this._call('keep', []);
        this._kept(this.path);
    }
}
