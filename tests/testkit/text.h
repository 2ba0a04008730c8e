#pragma once
// testkit/text.h — texts for tests.

#include <string>
#include <string_view>

#include "model/hub/sha256.h"

namespace cairn::testkit {

inline std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

inline std::string sha256_of(const std::string& text) {
  hub::Sha256 hash;
  hash.update(text);
  return hash.hex();
}

}  // namespace cairn::testkit
