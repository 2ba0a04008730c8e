#include "model/hub/file_lock.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "cairn/error.h"

namespace cairn::hub {

FileLock::FileLock(const std::filesystem::path& path, const std::function<void()>& busy,
                   const std::function<bool()>& stop) {
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd_ < 0)
    throw Error(Fault::model, "models",
                fmt::format("cannot open {} ({})", path.string(), std::strerror(errno)),
                "Check the folder's permissions, or choose another with CAIRN_CACHE");
  bool told = false;
  while (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    if (!told && busy) busy();
    told = true;
    if (stop && stop()) {
      ::close(fd_);
      throw Error(Fault::cancelled, "models", "interrupted while another cairn pulls the model",
                  "Run it again to go on");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

FileLock::~FileLock() {
  ::close(fd_);
}

}  // namespace cairn::hub
