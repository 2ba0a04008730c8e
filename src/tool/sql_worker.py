# What the sql tool runs in a sandboxed interpreter: one query on the database that stands on standard input, which is
# copied into memory. Prints the result as CSV. The line that the tool appends calls run(query, rows, output, heap).
import itertools
import sqlite3
import sys

LIMIT = 253  # the exit status for what a limit ended

FUNCTIONS = set("""
abs char coalesce concat concat_ws format glob hex ifnull iif instr length like likelihood likely lower ltrim max min
nullif printf quote replace round rtrim sign soundex substr substring trim typeof unicode unlikely upper zeroblob avg count group_concat string_agg sum total row_number rank dense_rank
percent_rank cume_dist ntile lag lead first_value last_value nth_value date time datetime julianday unixepoch strftime
timediff acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh degrees exp floor ln log log10 log2 mod pi pow
power radians sin sinh sqrt tan tanh trunc json json_array json_array_length json_extract json_object json_type
json_valid json_quote json_group_array json_group_object -> ->> match
""".split())
PRAGMAS = {"table_info", "table_xinfo", "table_list", "foreign_key_list", "index_list", "index_info", "index_xinfo"}
TABLES = ["json_each", "json_tree"] + ["pragma_" + name for name in PRAGMAS]  # that a query may call as functions
READS = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE}


def fail(message, status=1):
    sys.stdout.flush()
    sys.stderr.write(message + "\n")
    sys.exit(status)


# Lets a statement read, and notes what it wanted beyond that.
class Authorizer:
    refused = None

    def __call__(self, action, first, second, database, trigger):
        if action in READS or action == sqlite3.SQLITE_PRAGMA and first in PRAGMAS:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION:
            if second.lower() in FUNCTIONS:
                return sqlite3.SQLITE_OK
            self.refused = f"the function {second} is not among those that may be called"
        self.refused = self.refused or "only a SELECT that reads the database is run"
        return sqlite3.SQLITE_DENY


def opened(heap):
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
    for setting in ("trusted_schema=OFF", "cell_size_check=ON", "temp_store=MEMORY", f"hard_heap_limit={heap}"):
        database.execute("PRAGMA " + setting)
    content = sys.stdin.buffer.read()
    sys.stdin.close()
    database.deserialize(content)
    for limit, most in ((sqlite3.SQLITE_LIMIT_LENGTH, heap // 8), (sqlite3.SQLITE_LIMIT_SQL_LENGTH, 100_000),
                        (sqlite3.SQLITE_LIMIT_ATTACHED, 0), (sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000)):
        database.setlimit(limit, most)
    for table in TABLES:  # made at their first use, which is not a query's to do
        database.execute(f"SELECT 1 FROM {table}('[]')")
    return database


def is_number(text):
    try:
        float(text)
        return True
    except ValueError:
        return False


# NULL is nothing, a blob X'00'; text that could be taken for something else is quoted.
def cell(value):
    if value is None:
        return ""
    if isinstance(value, bytes):
        return f"X'{value.hex()}'"
    if not isinstance(value, str):
        return repr(value)
    if not value or value.startswith("X'") or is_number(value) or any(c in value for c in ',"\r\n'):
        return '"' + value.replace('"', '""') + '"'
    return value


def line_of(values):
    return (",".join(map(cell, values)) + "\n").encode("utf-8", "surrogateescape")


def write_result(result, rows, output):
    names = [column[0] for column in result.description]
    written = 0
    for row, values in enumerate(itertools.chain([names], result)):
        line = line_of(values)
        written += len(line)
        if row > rows:
            fail(f"stopped after {rows} rows: the result has more", LIMIT)
        if written > output:
            fail(f"stopped after {max(row - 1, 0)} rows: the result is longer than {output} bytes", LIMIT)
        sys.stdout.buffer.write(line)


def run(query, rows, output, heap):
    guard = Authorizer()
    try:
        query = query.decode("utf-8")
    except UnicodeDecodeError:
        fail("the query is no UTF-8")
    try:
        database = opened(heap)
        database.set_authorizer(guard)
        result = database.execute(query)
        if result.description is None:
            fail("there is no SELECT")
        write_result(result, rows, output)
    except sqlite3.DataError as error:
        fail(f"{error}", LIMIT)
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        fail(guard.refused or f"{error}")
