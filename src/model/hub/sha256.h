#pragma once
// model/hub/sha256.h — SHA-256 of a stream.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace cairn::hub {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void update(std::string_view bytes);
  void restart();
  std::string hex();  // of all bytes so far; the stream can go on

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Reads a file from its start. `each` is called with the bytes read so far, about once a megabyte;
// it may throw to end the reading.
// Errors: Fault::model when the file cannot be read.
std::string sha256_of_file(const std::filesystem::path& path,
                           const std::function<void(std::int64_t)>& each = {});
void hash_file_into(Sha256& hash, const std::filesystem::path& path,
                    const std::function<void(std::int64_t)>& each = {});

}  // namespace cairn::hub
