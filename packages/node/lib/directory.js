// Temporary directories.

import * as check from './arguments.js';
import { TemporaryFile } from './file.js';
import { Handle } from './handle.js';

/** A temporary directory; index.d.ts documents its methods. */
export class TemporaryDirectory extends Handle {
    async open(path, flags = 'r') {
        const { flags: open, access } = check.openMode(flags);
        const created = await this._call('open', [check.innerPath(path, 'path'), open, access]);
        // Closing the file leaves it in the directory.
        return this._make((...more) => new TemporaryFile(...more), created, { removal: 'never' });
    }

    async createDirectory(path) {
        await this._call('createDirectory', [check.innerPath(path, 'path')]);
    }

    async entries(path = '.') {
        const entries = await this._call('entries', [check.innerPath(path, 'path')]);
        return entries.map((entry) => ({ ...entry, size: check.exactNumber(entry.size) }));
    }

    async remove(path) {
        await this._call('remove', [check.innerPath(path, 'path')]);
    }

    async keep() {
        await this._call('keep');
        this._kept(this.path);
    }
}
