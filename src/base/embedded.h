#pragma once
// base/embedded.h — files built into the program (tools/embed.cmake).

#include <span>
#include <string_view>

namespace cairn::base {

struct EmbeddedFile {
  std::string_view name;  // path below prompts/, without suffix
  std::string_view text;
};

std::span<const EmbeddedFile> embedded_prompts();  // sorted by name
std::string_view embedded_registry();              // models/registry.json
std::string_view python_worker();                  // src/tool/python_worker.py
std::string_view sql_worker();                     // src/tool/sql_worker.py

}  // namespace cairn::base
