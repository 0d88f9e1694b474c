"""Fills a SQLite database and a file in temporary space, until a limit is reached."""

import os, sqlite3, tempfile
with tempfile.TemporaryDirectory() as directory:
    database = sqlite3.connect(os.path.join(directory, "data.db"))
    database.execute("create table numbers (number, text)")
    with database:
        database.executemany("insert into numbers values (?, ?)", ((n, "x" * 100) for n in range(50_000)))
    print(*database.execute("select count(*), sum(number) from numbers").fetchone())
    print(os.path.getsize(os.path.join(directory, "data.db")), "bytes")
    try:
        with tempfile.TemporaryFile() as file:
            while True:
                file.write(bytes(65536))
    except OSError as error:
        print(error)
    database.close()
print(os.listdir("/tmp"))
