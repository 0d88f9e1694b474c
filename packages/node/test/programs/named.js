// The program for Node in the README of the project.

import { namedTemporaryFile } from 'scratch-tempfile';

const file = await namedTemporaryFile({ suffix: '.txt' });
await file.write('one\ntwo\n');
await file.seek(0);
for await (const line of file) {
    console.log(line.toString().trimEnd());
}
await file.close();
