#include "model/hub/part_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "cairn/error.h"

namespace cairn::hub {

PartFile::PartFile(std::filesystem::path path, const std::function<void(std::int64_t)>& each)
    : path_(std::move(path)) {
  fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd_ < 0) fail("open");
  try {
    hash_file_into(hash_, path_, each);
  } catch (...) {
    ::close(fd_);
    throw;
  }
  size_ = ::lseek(fd_, 0, SEEK_END);
}

PartFile::~PartFile() {
  if (fd_ >= 0) ::close(fd_);
}

void PartFile::fail(const char* action) const {
  const int code = errno;
  const bool full = code == ENOSPC || code == EDQUOT || code == EFBIG;
  throw Error(Fault::model, "models",
              fmt::format("cannot {} {} ({})", action, path_.string(), std::strerror(code)),
              full
                  ? "Make room on the disk, or put the models elsewhere with CAIRN_CACHE; what was "
                    "fetched is kept and the next pull goes on from there"
                  : "Check the folder's permissions, or choose another with CAIRN_CACHE");
}

void PartFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write");
    hash_.update(bytes.substr(0, static_cast<std::size_t>(written)));
    size_ += written;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void PartFile::restart() {
  if (::ftruncate(fd_, 0) != 0) fail("empty");
  hash_.restart();
  size_ = 0;
}

void PartFile::remove() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

void PartFile::publish(const std::filesystem::path& final_path) {
  if (::fsync(fd_) != 0) fail("write");
  if (std::rename(path_.c_str(), final_path.c_str()) != 0) fail("rename");
  const int folder = ::open(final_path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;  // the rename stands; only its survival of a power cut is not assured
  ::fsync(folder);
  ::close(folder);
}

}  // namespace cairn::hub
