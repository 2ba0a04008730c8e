#pragma once
// model/hub/file_lock.h — one process at a time. The lock ends with the process that holds it,
// however that ends; the lock file stays, empty.

#include <chrono>
#include <filesystem>
#include <functional>

namespace cairn::hub {

class FileLock {
 public:
  // Waits for the lock. `busy` is called once if another process holds it; `stop` is asked while
  // waiting, true ends with Fault::cancelled.
  // Errors: Fault::model when the file cannot be made.
  FileLock(const std::filesystem::path& path, const std::function<void()>& busy,
           const std::function<bool()>& stop);
  ~FileLock();
  FileLock(const FileLock&) = delete;

 private:
  int fd_ = -1;
};

}  // namespace cairn::hub
