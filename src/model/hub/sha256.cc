#include "model/hub/sha256.h"

#include <fmt/core.h>
#include <openssl/evp.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include "cairn/error.h"

namespace cairn::hub {

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  restart();
}
Sha256::~Sha256() = default;

void Sha256::restart() {
  EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr);
}

void Sha256::update(std::string_view bytes) {
  EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
}

std::string Sha256::hex() {
  State copy;
  EVP_MD_CTX_copy_ex(copy.context, state_->context);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_DigestFinal_ex(copy.context, digest, &size);
  std::string text;
  for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

void hash_file_into(Sha256& hash, const std::filesystem::path& path,
                    const std::function<void(std::int64_t)>& each) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> buffer(1 << 20);
  std::int64_t done = 0;
  while (file) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    hash.update({buffer.data(), static_cast<std::size_t>(file.gcount())});
    done += file.gcount();
    if (each && file.gcount() > 0) each(done);
  }
  if (!file.eof())
    throw Error(Fault::model, "models",
                fmt::format("cannot read {} ({})", path.string(), std::strerror(errno)),
                "Check that the file exists and may be read");
}

std::string sha256_of_file(const std::filesystem::path& path,
                           const std::function<void(std::int64_t)>& each) {
  Sha256 hash;
  hash_file_into(hash, path, each);
  return hash.hex();
}

}  // namespace cairn::hub
