"""Put the sound SQLite library in place of the machine's, before anything imports it.

Debian 12's 3.40.1 can corrupt a database in WAL mode (fixed in 3.51.3); see docs/adr.
"""

import sys

import pysqlite3
import pysqlite3.dbapi2

sys.modules["sqlite3"] = pysqlite3
sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
