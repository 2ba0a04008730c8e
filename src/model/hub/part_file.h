#pragma once
// model/hub/part_file.h — a file while it is being fetched: bytes are appended, hashed on the way,
// and the file gets its final name only when it is whole.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "model/hub/sha256.h"

namespace cairn::hub {

class PartFile {
 public:
  // Opens or creates `path`. What is already there is kept and hashed; `each` as in sha256.h.
  // Errors (all members): Fault::model, naming the file and the system's reason.
  explicit PartFile(std::filesystem::path path, const std::function<void(std::int64_t)>& each = {});
  ~PartFile();
  PartFile(const PartFile&) = delete;

  std::int64_t size() const { return size_; }
  std::string sha256() { return hash_.hex(); }
  const std::filesystem::path& path() const { return path_; }

  void append(std::string_view bytes);
  void restart();  // forget what was there
  void remove();   // and delete the file; nothing may be appended after it
  // Writes everything to the disk and renames: afterwards `final_path` is the whole file.
  void publish(const std::filesystem::path& final_path);

 private:
  [[noreturn]] void fail(const char* action) const;

  std::filesystem::path path_;
  int fd_ = -1;
  std::int64_t size_ = 0;
  Sha256 hash_;
};

}  // namespace cairn::hub
