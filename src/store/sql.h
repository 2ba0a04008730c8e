#pragma once
// store/sql.h — an SQLite database and its prepared statements. Errors: Fault::store.

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace cairn::store {

class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement, sqlite3_finalize) {}

  // Each binds the next parameter.
  Statement& bind(const std::string& text);  // a blob where it is not plain UTF-8
  Statement& bind(const std::optional<std::string>& text);
  Statement& bind(const char* text) = delete;
  Statement& bind(std::int64_t value);
  Statement& bind(std::uint64_t value);  // the same 64 bits
  Statement& bind(bool value);
  Statement& bind(double value);

  bool step();   // false at the end
  void reset();  // to be run again, with other values

  // Columns of the current row, from 0.
  std::string text(int column) const;
  std::optional<std::string> maybe_text(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;

 private:
  int next() { return ++bound_; }
  void check(int code) const;

  std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement_{nullptr, sqlite3_finalize};
  int bound_ = 0;
};

class Sql {
 public:
  Sql(const std::filesystem::path& path, bool write);

  Statement prepare(const char* sql);
  void run(const char* sql);
  std::int64_t number(const char* sql);  // the first column of the first row
  std::int64_t last_id() const { return sqlite3_last_insert_rowid(database_.get()); }

 private:
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> database_{nullptr, sqlite3_close};
};

// All or nothing: rolled back unless committed.
class Transaction {
 public:
  explicit Transaction(Sql& sql) : sql_(sql) { sql_.run("BEGIN IMMEDIATE"); }
  ~Transaction();
  void commit();

 private:
  Sql& sql_;
  bool open_ = true;
};

}  // namespace cairn::store
