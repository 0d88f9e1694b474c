// Temporary directories.

import * as check from './arguments.js';
import { TemporaryFile } from './file.js';
import { Handle } from './handle.js';

/** A temporary directory; index.d.ts says what its methods do. */
export class TemporaryDirectory extends Handle {
    async open(path, flags = 'r') {
        const { flags: open, access } = check.openMode(flags);
        const answer = await this._call('open', [check.innerPath(path, 'path'), open, access]);
        // It is removed with the directory, not by its own close.
        return this._make((...made) => new TemporaryFile(...made), answer, { removal: 'never' });
    }

    async createDirectory(path) {
        await this._call('createDirectory', [check.innerPath(path, 'path')]);
    }

    async entries(path = '.') {
        const entries = await this._call('entries', [check.innerPath(path, 'path')]);
        return entries.map((entry) => ({ ...entry, size: check.kind(entry.size) }));
    }

    async remove(path) {
        await this._call('remove', [check.innerPath(path, 'path')]);
    }

    async keep() {
        await this._call('keep');
        this._stays(this.path);
    }
}
