// The sql tool: a query on a copy of an SQLite database, in a sandboxed interpreter that hands it
// to SQLite with leave to read alone (tool/sql_worker.py). In a process of its own, since memory
// and time of a query can be bounded for a process only, and since a database may be hostile as
// well.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/embedded.h"
#include "base/file.h"
#include "base/text.h"
#include "cairn/error.h"
#include "tool/hexadecimal.h"
#include "tool/registry.h"

namespace cairn::tool {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNames = "-- database: ";
constexpr std::string_view kMagic("SQLite format 3\0", 16);
constexpr int kRows = 1000;

[[noreturn]] void refuse(std::string what, std::string_view remedy) {
  throw Error(Fault::tool, "sql", what, remedy);
}

struct Call {
  std::string database, query;
};

// The path in the first line, and what stands below.
Call read_call(std::string_view text) {
  if (!text.starts_with(kNames))
    refuse("the call names no database",
           "Begin it with a line \"-- database: FILE\", or give --database FILE");
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view path = text.substr(kNames.size(), end - kNames.size());
  return {std::string(base::trim(path)), std::string(text.substr(end))};
}

std::string content_of(const std::string& path, std::size_t most) {
  std::error_code failed;
  if (!fs::is_regular_file(path, failed)) refuse("there is no file " + path, "Check the path");
  const std::uintmax_t size = fs::file_size(path, failed);
  if (size > most)
    refuse(fmt::format("{} has {} bytes, and a call may hold {}, a quarter of its memory", path,
                       size, most),
           "Give more --memory");
  std::string content = base::file_content(path).value_or("");
  if (!content.starts_with(kMagic) || content.size() < 100)
    refuse(path + " is no SQLite database", "Check the file");
  if (fs::file_size(path + "-wal", failed) > 0 && !failed)
    refuse(path + " has changes in " + path + "-wal that it does not hold yet",
           "Close what writes to it, or run PRAGMA wal_checkpoint(TRUNCATE)");
  content[18] = content[19] = 1;  // a copy in memory has no write-ahead log
  return content;
}

class Sql : public Tool {
 public:
  explicit Sql(const ToolOptions& options)
      : limits_(options.limits), interpreter_(make_python(options)) {}

  std::string name() const override { return "sql"; }

  asio::awaitable<ToolResult> call(std::string input) override {
    std::string program;
    try {
      program = program_of(input);
    } catch (const Error& error) {
      co_return ToolResult{.status = ToolStatus::refused, .message = error.what()};
    }
    ToolResult result = co_await interpreter_->call(std::move(program));
    co_return result;
  }

 private:
  std::string program_of(const std::string& input) const {
    const Call call = read_call(input);
    const std::string database = content_of(call.database, limits_.memory / 4);
    std::string program(base::sql_worker());
    program += fmt::format("run(bytes.fromhex(\"{}\"), {}, {}, {})\n", hexadecimal(call.query),
                           kRows, limits_.output - 1, limits_.memory / 2);
    return program + '\0' + database;
  }

  const ToolLimits limits_;
  const std::unique_ptr<Tool> interpreter_;
};

}  // namespace

std::unique_ptr<Tool> make_sql(const ToolOptions& options) {
  return std::make_unique<Sql>(options);
}

}  // namespace cairn::tool
