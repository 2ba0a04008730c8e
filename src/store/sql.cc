#include "store/sql.h"

#include <fmt/format.h>

#include "cairn/error.h"
#include "store/json_writer.h"

namespace cairn::store {
namespace {

[[noreturn]] void fail(sqlite3* database, const std::string& path, const char* trouble) {
  const char* reason = database == nullptr ? "no memory" : sqlite3_errmsg(database);
  const bool full = database != nullptr && sqlite3_errcode(database) == SQLITE_FULL;
  throw Error(Fault::store, "store", fmt::format("{} {} ({})", path, trouble, reason),
              full ? "Make room: what was kept before is whole" : "Check the file and its folder");
}

[[noreturn]] void fail(sqlite3* database, const char* trouble) {
  const char* path = sqlite3_db_filename(database, "main");
  fail(database, path == nullptr ? "the database" : path, trouble);
}

}  // namespace

void Statement::check(int code) const {
  if (code != SQLITE_OK) fail(sqlite3_db_handle(statement_.get()), "cannot take a value");
}

Statement& Statement::bind(const std::string& text) {
  const bool plain = is_utf8(text) && text.find('\0') == std::string::npos;
  const auto size = static_cast<sqlite3_uint64>(text.size());
  check(plain ? sqlite3_bind_text64(statement_.get(), next(), text.data(), size, SQLITE_TRANSIENT,
                                    SQLITE_UTF8)
              : sqlite3_bind_blob64(statement_.get(), next(), text.data(), size, SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::bind(const std::optional<std::string>& text) {
  if (text) return bind(*text);
  check(sqlite3_bind_null(statement_.get(), next()));
  return *this;
}

Statement& Statement::bind(std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), next(), value));
  return *this;
}

Statement& Statement::bind(std::uint64_t value) {
  return bind(static_cast<std::int64_t>(value));
}

Statement& Statement::bind(bool value) {
  return bind(static_cast<std::int64_t>(value));
}

Statement& Statement::bind(double value) {
  check(sqlite3_bind_double(statement_.get(), next(), value));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  fail(sqlite3_db_handle(statement_.get()), "cannot be used");
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
  bound_ = 0;
}

std::string Statement::text(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return bytes == nullptr
             ? std::string()
             : std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

std::optional<std::string> Statement::maybe_text(int column) const {
  if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) return {};
  return text(column);
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double Statement::real(int column) const {
  return sqlite3_column_double(statement_.get(), column);
}

Sql::Sql(const std::filesystem::path& path, bool write) {
  sqlite3* opened = nullptr;
  const int flags = write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  const int code = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
  database_.reset(opened);
  if (code != SQLITE_OK) fail(opened, path.string(), "cannot be opened");
  sqlite3_busy_timeout(opened, 10'000);
  if (!write) return;
  run("PRAGMA journal_mode=WAL");
  run("PRAGMA synchronous=NORMAL");
}

Statement Sql::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database_.get(), sql, -1, &statement, nullptr) != SQLITE_OK)
    fail(database_.get(), "is not a database of cairn's");
  return Statement(statement);
}

void Sql::run(const char* sql) {
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    fail(database_.get(), "cannot be written");
}

std::int64_t Sql::number(const char* sql) {
  Statement statement = prepare(sql);
  statement.step();
  return statement.integer(0);
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    sql_.run("ROLLBACK");
  } catch (const Error&) {  // already rolled back by SQLite
  }
}

void Transaction::commit() {
  sql_.run("COMMIT");
  open_ = false;
}

}  // namespace cairn::store
