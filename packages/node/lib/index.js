// The package's exports; index.d.ts is the reference.

import { openScratch } from './scratch.js';

export { TemporaryDirectory } from './directory.js';
export { ScratchError } from './errors.js';
export { TemporaryFile } from './file.js';
export { Scratch, openScratch } from './scratch.js';
export { TextFile } from './text.js';

/** @type {ReturnType<typeof openScratch> | undefined} */
let opening;

/** Returns the scratch space in the system's directory for temporary files, opened on first use. */
function systemScratch() {
    opening ??= openScratch().catch((error) => {
        // The next call tries again.
        opening = undefined;
        throw error;
    });
    return opening;
}

/** @type {typeof import('./index.js').temporaryFile} */
export const temporaryFile = async (options) => (await systemScratch()).temporaryFile(options);

/** @type {typeof import('./index.js').namedTemporaryFile} */
export const namedTemporaryFile = async (options) => (await systemScratch()).namedTemporaryFile(options);

/** @type {typeof import('./index.js').spooledTemporaryFile} */
export const spooledTemporaryFile = async (options) => (await systemScratch()).spooledTemporaryFile(options);

/** @type {typeof import('./index.js').temporaryDirectory} */
export const temporaryDirectory = async (options) => (await systemScratch()).temporaryDirectory(options);
