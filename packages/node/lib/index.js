// The package's exports; index.d.ts is the reference.

import { openScratch } from './scratch.js';

export { TemporaryDirectory } from './directory.js';
export { ScratchError } from './errors.js';
export { TemporaryFile } from './file.js';
export { Scratch, openScratch } from './scratch.js';
export { TextFile } from './text.js';

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

export const temporaryFile = async (options) => (await systemScratch()).temporaryFile(options);
export const namedTemporaryFile = async (options) => (await systemScratch()).namedTemporaryFile(options);
export const spooledTemporaryFile = async (options) => (await systemScratch()).spooledTemporaryFile(options);
export const temporaryDirectory = async (options) => (await systemScratch()).temporaryDirectory(options);
